export type Environment = Record<string, string | undefined>;

/** What the command line sees of the environment, unless a test says otherwise. */
export const ENVIRONMENT: Environment = {
  ...{ PGDATA: undefined, TZ: 'UTC', LC_ALL: 'C' },
  // no config of whoever runs the tests
  ...{ XDG_CONFIG_HOME: '/nonexistent', APPDATA: '/nonexistent' },
  ...{ WALSCAN_ARCHIVE: undefined, WALSCAN_BACKUP: undefined },
  ...{ WALSCAN_TZ: undefined, WALSCAN_DATABASE: undefined },
};
