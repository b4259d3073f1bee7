/** Whether npm has failed because it reaches no registry. @throws the error where it is another */
export function isOffline(error: unknown): true {
  const said = String((error as { stderr?: unknown }).stderr);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED/.test(said)) return true;
  throw error;
}
