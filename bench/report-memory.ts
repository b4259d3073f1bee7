import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// loaded into the process that is measured: tells its peak memory in KiB when it ends
if (isMainThread) process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));
