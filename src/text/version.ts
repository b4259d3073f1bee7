/** The version of walscan. */
export { version } from '../../package.json';
