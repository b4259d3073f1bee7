import { parseArgs } from 'node:util';
import { buildBinary } from './build.js';
import { hostTarget } from './bun.js';

const { values } = parseArgs({ options: { target: { type: 'string', default: hostTarget() } } });
console.log(await buildBinary(values.target, 'build/binary'));
