import type { Catalog } from './catalog.js';

/** Help of commands and their options. */
export const help: Catalog = {
  'Usage:': 'Empleo:',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opciones:',
  options: 'opciones',
  'Commands:': 'Órdenes:',
  'Common options:': 'Opciones comunes:',
  'choices: {0}': 'valores: {0}',
  'default: {0}': 'por omisión: {0}',
  'variable: {0}': 'variable: {0}',
  'display help for command': 'muestra esta ayuda',
  'print the version': 'muestra la versión',

  'Read the write-ahead log (WAL) of PostgreSQL 10 to 19.':
    'Lee el registro de transacciones (WAL) de PostgreSQL 10 a 19.',
  "Each command explains itself: 'walscan <command> --help'.":
    'Cada orden tiene su propia ayuda: «walscan <orden> --help».',
  'explain a command': 'explica una orden',
  'find the commit that deleted rows, and where to recover to':
    'busca el COMMIT que eliminó filas, y hasta dónde recuperar',
  'list the transactions that deleted many rows, dropped or truncated':
    'lista las transacciones que eliminaron muchas filas o ejecutaron DROP o TRUNCATE',
  'print WAL records as pg_waldump does': 'muestra registros de WAL como pg_waldump',
  'give back deleted rows, or a table as of any moment':
    'devuelve filas eliminadas, o una tabla tal como era en cualquier momento',
  'print all changes of rows, with old and new values':
    'muestra todos los cambios de filas, con los valores anteriores y nuevos',
  'print SQL that takes changes back': 'genera SQL que deshace cambios',
  'make a page that shows WAL, incidents and the archive':
    'hace una página que muestra el WAL, los incidentes y el archivador',
  'print pg_control as pg_controldata does': 'muestra pg_control como pg_controldata',
  'say what a WAL archive holds, and what is missing or damaged':
    'dice qué contiene un archivador de WAL, y qué falta o está dañado',
  'make Parquet files of WAL, for SQL over any amount of it':
    'hace archivos Parquet del WAL, para consultar con SQL cualquier cantidad de él',
  'ask facts of WAL in SQL': 'consulta con SQL los datos extraídos del WAL',
  'say where a recovery would stop, and whether it can':
    'dice dónde se detendría una recuperación, y si es posible',

  // common options
  'times in UTC': 'horas en UTC',
  'the zone of times that are printed, and of those in arguments that name none (default: that of TZ)':
    'el huso horario de las horas que se muestran, y de las de los argumentos que no indican ninguno (por omisión: el de TZ)',
  'threads (default: as many as there are cores)': 'hilos (por omisión: tantos como núcleos)',
  'threads: this command has one, however many are given':
    'hilos: esta orden emplea uno, sean cuantos sean los indicados',
  'show what is being done, also where standard error is no terminal':
    'muestra lo que se está haciendo, aunque la salida de error estándar no sea un terminal',
  'do not show what is being done': 'no muestra lo que se está haciendo',
  'nothing on standard error but errors': 'en la salida de error estándar no muestra más que errores',
  'say on standard error what was taken for what, and how long it took':
    'dice en la salida de error estándar qué se tomó por qué, y cuánto tardó',
  'the language of help and messages': 'el idioma de la ayuda y de los mensajes',

  // what several commands have
  'print one JSON object: times in UTC': 'muestra un objeto JSON: horas en UTC',
  'facts that "walscan facts" made: what they tell is not read out of WAL, and paths may be left out':
    'datos que hizo «walscan facts»: lo que dicen no se lee del WAL, y las rutas pueden omitirse',
  'the table by name; needs --database, and a backup':
    'la tabla por su nombre; requiere --database, y un respaldo',
  'the table by name; needs --database, and all of the backup':
    'la tabla por su nombre; requiere --database, y el respaldo entero',
  'the database that the table is in': 'la base de datos en la que está la tabla',
  'a base backup, whose catalogs tell the names, with all WAL since then: a path or, of a repository, the name of a backup or "latest" (default: one of the repository, if the paths are one); for an incremental one give all that it builds on as well, each by --backup':
    'un respaldo base, cuyos catálogos dan los nombres, con todo el WAL desde entonces: una ruta o, de un repositorio, el nombre de un respaldo o «latest» (por omisión: uno del repositorio, si las rutas son uno); para uno incremental indique también todos aquellos en los que se basa, cada uno con --backup',
  'a file with the passphrase of an encrypted repository (default: the variable PGBACKREST_REPO1_CIPHER_PASS)':
    'un archivo con la contraseña de un repositorio cifrado (por omisión: la variable PGBACKREST_REPO1_CIPHER_PASS)',
  'relfilenode, or tablespace/database/relfilenode': 'relfilenode, o tablespace/base de datos/relfilenode',
  'relfilenode (SELECT pg_relation_filenode(…)), or tablespace/database/relfilenode':
    'relfilenode (SELECT pg_relation_filenode(…)), o tablespace/base de datos/relfilenode',
  'WAL segments and folders of them, compressed or not; .history files; repositories of backup tools; or s3://<bucket>/<prefix>':
    'segmentos de WAL y directorios de ellos, comprimidos o no; archivos .history; repositorios de herramientas de respaldo; o s3://<bucket>/<prefijo>',
  'WAL segments and folders of them, compressed or not; .history files; tar files; repositories of backup tools; or s3://<bucket>/<prefix>':
    'segmentos de WAL y directorios de ellos, comprimidos o no; archivos .history; archivos tar; repositorios de herramientas de respaldo; o s3://<bucket>/<prefijo>',
  'where the WAL is: files, folders, tar files, repositories of backup tools; or s3://<bucket>/<prefix>':
    'dónde está el WAL: archivos, directorios, archivos tar, repositorios de herramientas de respaldo; o s3://<bucket>/<prefijo>',
  'repositories of backup tools, folders, WAL segments, .history files, tar files; or s3://<bucket>/<prefix>':
    'repositorios de herramientas de respaldo, directorios, segmentos de WAL, archivos .history, archivos tar; o s3://<bucket>/<prefijo>',
  'repositories of backup tools, folders, WAL segments, tar files, base backups; or s3://<bucket>/<prefix>':
    'repositorios de herramientas de respaldo, directorios, segmentos de WAL, archivos tar, respaldos base; o s3://<bucket>/<prefijo>',
  'commits from this time on, in the zone of TZ unless it names one':
    'transacciones comprometidas desde esta hora, en el huso horario de TZ si no indica ninguno',
  'commits up to this time': 'transacciones comprometidas hasta esta hora',
  'no names out of a repository: faster where its backups are large tar files':
    'sin nombres de un repositorio: más rápido cuando sus respaldos son archivos tar grandes',
  '\nExit code: 0 found, 1 nothing found, 2 wrong usage, no such table or unreadable input, 3 an answer out of incomplete or damaged WAL.':
    '\nCódigo de salida: 0 encontrado, 1 nada encontrado, 2 empleo incorrecto, tabla inexistente o entrada ilegible, 3 respuesta obtenida de WAL incompleto o dañado.',

  // find-commit
  'Find the last INSERT into a table, the last DELETE (or DROP, TRUNCATE) and its commit, and where recovery has to stop to bring the rows back.':
    'Busca el último INSERT en una tabla, el último DELETE (o DROP, TRUNCATE) y su COMMIT, y dónde debe detenerse la recuperación para devolver las filas.',
  'search records from here on': 'busca registros a partir de aquí',
  'search records that end here at the latest': 'busca registros que terminen aquí a más tardar',
  'search this timeline only': 'busca solo en esta línea de tiempo',
  'with --json: list so many of the transactions that changed rows, the newest, or "all" (default: 100)':
    'con --json: lista esta cantidad de las transacciones que cambiaron filas, las más recientes, o «all» (por omisión: 100)',

  // incidents
  'List the committed transactions that deleted or updated many rows, dropped or truncated tables, or dropped databases: newest first, each with the command to go on with.':
    'Lista las transacciones comprometidas que eliminaron o actualizaron muchas filas, eliminaron o truncaron tablas, o eliminaron bases de datos: primero las más recientes, cada una con la orden para continuar.',
  'rows that one transaction changed in one table': 'filas que una transacción cambió en una tabla',
  'changes of the system catalogs and rewrites (VACUUM FULL, ALTER TABLE), too':
    'también cambios de los catálogos de sistema y reescrituras (VACUUM FULL, ALTER TABLE)',
  'what happened to this table; needs --database, and a backup':
    'lo que le ocurrió a esta tabla; requiere --database, y un respaldo',

  // rows
  'Give back the rows of a table: those that a transaction deleted, or all as of some moment.':
    'Devuelve las filas de una tabla: las que eliminó una transacción, o todas tal como eran en un momento.',
  'the table by its relfilenode, or tablespace/database/relfilenode':
    'la tabla por su relfilenode, o tablespace/base de datos/relfilenode',
  'a base backup: base.tar, compressed or not, its folder, or a data folder; of a repository the name of a backup, or "latest" (default: the newest of the repository that has the answer); for an incremental one give all that it builds on as well, each by --backup':
    'un respaldo base: base.tar, comprimido o no, su directorio, o un directorio de datos; de un repositorio el nombre de un respaldo, o «latest» (por omisión: el más reciente del repositorio que tiene la respuesta); para uno incremental indique también todos aquellos en los que se basa, cada uno con --backup',
  'the rows that this transaction deleted, or "last"': 'las filas que eliminó esta transacción, o «last»',
  'the rows that a transaction would see that starts there':
    'las filas que vería una transacción que comenzara ahí',
  'every version of every row, with the times of its birth and death':
    'todas las versiones de cada fila, con las horas en que aparecieron y desaparecieron',
  'the columns where there is no backup, as in "id int4, name text"':
    'las columnas cuando no hay respaldo, como en «id int4, name text»',
  'how to print the rows': 'cómo mostrar las filas',
  'print one JSON object: the rows, and what is to be said of them':
    'muestra un objeto JSON: las filas, y lo que hay que decir de ellas',
  'the timeline whose WAL is meant': 'la línea de tiempo cuyo WAL se quiere leer',
  '\n--as-of takes an LSN (what starts there has not happened), a time, the id of a transaction, the name of a restore\npoint (whatever is nothing else), or "latest". It cannot lie before the backup. Of several timelines the newest one\ncounts that has the answer.\n\nExit codes: 0 done; 1 no row was found, or there is no such table; 2 wrong usage or unreadable input; 3 rows are\nmissing, or the WAL is missing, damaged or does not reach.':
    '\n--as-of acepta un LSN (lo que comienza ahí no ha ocurrido), una hora, el id de una transacción, el nombre de un punto\nde recuperación (lo que no sea otra cosa), o «latest». No puede ser anterior al respaldo. De varias líneas de tiempo\ncuenta la más reciente que tenga la respuesta.\n\nCódigos de salida: 0 hecho; 1 no se encontró ninguna fila, o no existe esa tabla; 2 empleo incorrecto o entrada\nilegible; 3 faltan filas, o el WAL falta, está dañado o no alcanza.',

  // changes
  'Print all changes of rows that transactions committed, of all tables, with old and new values.':
    'Muestra todos los cambios de filas que las transacciones comprometieron, de todas las tablas, con los valores anteriores y nuevos.',
  'a later backup, or a data folder: tells names and types where no backup from before is there':
    'un respaldo posterior, o un directorio de datos: da nombres y tipos cuando no hay un respaldo anterior',
  'of this transaction; may be given several times': 'de esta transacción; puede indicarse varias veces',
  'commits from this position on': 'transacciones comprometidas a partir de esta posición',
  'commits up to this position': 'transacciones comprometidas hasta esta posición',
  'in this database': 'en esta base de datos',
  'of this table, its partitions and what inherits from it; may be given several times':
    'de esta tabla, sus particiones y las que heredan de ella; puede indicarse varias veces',
  'not of this table; may be given several times': 'no de esta tabla; puede indicarse varias veces',
  'on this timeline (default: the newest)': 'en esta línea de tiempo (por omisión: la más reciente)',
  'how to print them': 'cómo mostrarlos',
  'as --format json': 'igual que --format json',
  'in that of the commits, or of the WAL, which is read twice then':
    'en el de los COMMIT, o en el del WAL, que entonces se lee dos veces',
  'system catalogs and TOAST tables, too': 'también catálogos de sistema y tablas TOAST',
  '\njson is that of wal2json, format version 2: an object a line. sql does the changes again, a transaction each; csv has a\nline a change. Values that are not known are marked so. Times and values are printed in UTC.\n\nExit codes: 0 done; 1 there is no such change; 2 wrong usage or unreadable input; 3 values are not known, or the WAL is\nmissing, damaged or does not reach.':
    '\njson es el de wal2json, versión 2 del formato: un objeto por línea. sql repite los cambios, una transacción por cada\nuna; csv tiene una línea por cambio. Los valores que no se conocen llevan una marca. Las horas y los valores se muestran\nen UTC.\n\nCódigos de salida: 0 hecho; 1 no hay tal cambio; 2 empleo incorrecto o entrada ilegible; 3 hay valores que no se\nconocen, o el WAL falta, está dañado o no alcanza.',

  // undo
  'Print SQL that takes back what transactions changed, newest first, without overwriting later changes.':
    'Genera SQL que deshace lo que cambiaron las transacciones, primero las más recientes, sin sobrescribir cambios posteriores.',
  'where a row was changed since: change nothing, or leave those rows':
    'cuando una fila cambió después: no cambiar nada, o dejar esas filas',
  'print what would be taken back, and no script': 'muestra lo que se desharía, y ningún script',
  '\nThe script is one transaction. Run it as psql -v ON_ERROR_STOP=1 -d <database> -f <script>: a row is touched only where\nit still is what was left of it. Have a look at it first.\n\nExit codes: 0 done; 1 there is nothing to undo; 2 wrong usage or unreadable input; 3 some changes cannot be told or taken\nback, or the WAL is missing, damaged or does not reach.':
    '\nEl script es una sola transacción. Ejecútelo con psql -v ON_ERROR_STOP=1 -d <base de datos> -f <script>: una fila se\ntoca solo si sigue siendo tal como quedó. Revíselo antes.\n\nCódigos de salida: 0 hecho; 1 no hay nada que deshacer; 2 empleo incorrecto o entrada ilegible; 3 algunos cambios no se\npueden conocer o deshacer, o el WAL falta, está dañado o no alcanza.',

  // report
  'Make a page to look at: what the WAL consists of by time, relation and transaction, incidents, and what the archive holds and lacks. One file of HTML that needs nothing else, in English and Spanish.':
    'Hace una página que se puede mirar: de qué consta el WAL por hora, relación y transacción, los incidentes, y qué contiene y qué le falta al archivador. Un solo archivo HTML que no necesita nada más, en español y en inglés.',
  'WAL and commits from this time on, in the zone of TZ unless it names one':
    'WAL y transacciones comprometidas desde esta hora, en el huso horario de TZ si no indica ninguno',
  'WAL and commits up to this time': 'WAL y transacciones comprometidas hasta esta hora',
  'where the page goes, or the JSON; - for standard output':
    'adónde va la página, o el JSON; - para la salida estándar',
  '\nExit code: 0 done, 1 no transaction ended at these times, 2 wrong usage or unreadable input, 3 done, but WAL is missing or damaged.':
    '\nCódigo de salida: 0 hecho, 1 ninguna transacción terminó en esas horas, 2 empleo incorrecto o entrada ilegible, 3 hecho, pero falta WAL o está dañado.',

  // control
  'Print the control information of a cluster as pg_controldata of its version does.':
    'Muestra la información de control de un clúster como lo hace pg_controldata de su versión.',
  'pg_control, a data folder, or the tar file of a base backup; also s3://<bucket>/<prefix>':
    'pg_control, un directorio de datos, o el archivo tar de un respaldo base; también s3://<bucket>/<prefijo>',
  'the same': 'lo mismo',
  'print one JSON object: times in UTC, 64-bit numbers as strings':
    'muestra un objeto JSON: horas en UTC, números de 64 bits como cadenas',
  '\nWithout a path, the folder that the variable PGDATA names is taken. The version is what the file says; where it says none,\nas one overwritten with zeros, that of PG_VERSION in the data folder.\n\nExit codes: 0 done, also (as pg_controldata) with a warning that the file is damaged; 2 wrong usage, or a file that\ncannot be read or whose version nothing tells; 3 with --json: the file is damaged.':
    '\nSin una ruta se toma el directorio que indica la variable PGDATA. La versión es la que dice el archivo; si no dice\nninguna, como uno sobrescrito con ceros, la de PG_VERSION en el directorio de datos.\n\nCódigos de salida: 0 hecho, también (como pg_controldata) con una advertencia de que el archivo está dañado; 2 empleo\nincorrecto, o un archivo que no se puede leer o cuya versión nada indica; 3 con --json: el archivo está dañado.',

  // archive
  'Say what a WAL archive or pg_wal holds and what it lacks: timelines, segments, gaps, damage, base backups.':
    'Dice qué contiene y qué le falta a un archivador de WAL o a pg_wal: líneas de tiempo, segmentos, huecos, daños, respaldos base.',
  'read the headers of segments alone; with --at: look at few segments, which is right if the clock was never set back':
    'lee solo los encabezados de los segmentos; con --at: mira pocos segmentos, lo cual acierta si el reloj nunca retrocedió',
  'take it for no problem where WAL between base backups is missing, as a retention policy leaves it':
    'no considera un problema que falte WAL entre respaldos base, como lo deja una política de retención',
  'read all files of the base backups, too, and hold them against their manifests, as pg_verifybackup does':
    'lee también todos los archivos de los respaldos base, y los compara con sus manifiestos, como pg_verifybackup',
  'with --verify: this base backup alone; a path or, of a repository, its name or "latest"':
    'con --verify: solo este respaldo base; una ruta o, de un repositorio, su nombre o «latest»',
  'say only which segment holds this moment, in the zone of TZ unless it names one':
    'dice solo qué segmento contiene este momento, en el huso horario de TZ si no indica ninguno',
  '\nExit code: 0 all is there, 2 wrong usage or unreadable input, 3 something is missing or damaged (with --at: that moment, or what could not be read).':
    '\nCódigo de salida: 0 está todo, 2 empleo incorrecto o entrada ilegible, 3 falta algo o está dañado (con --at: ese momento, o lo que no se pudo leer).',

  // facts, sql
  'Make small Parquet files of each WAL segment, for SQL over any number of them: transactions, changes by relation, files, checkpoints. What is there already is passed over; any number of processes may write to one folder.':
    'Hace archivos Parquet pequeños de cada segmento de WAL, para consultar con SQL cualquier cantidad de ellos: transacciones, cambios por relación, archivos, puntos de control. Lo que ya está se omite; pueden escribir en un mismo directorio cuantos procesos se quiera.',
  'where the facts go; it is made where it is not there': 'adónde van los datos; se crea si no existe',
  'a row for each record as well, as pg_walinspect has them: many times the size':
    'además una fila por cada registro, como en pg_walinspect: ocupa muchas veces más',
  '\nExit code: 0 done, 2 wrong usage or unreadable input, 3 done, but WAL is damaged, which its facts say.':
    '\nCódigo de salida: 0 hecho, 2 empleo incorrecto o entrada ilegible, 3 hecho, pero hay WAL dañado, como dicen sus datos.',
  'Ask facts of WAL in SQL, which DuckDB answers.':
    'Consulta con SQL los datos extraídos del WAL; responde DuckDB.',
  'SQL; several statements have a semicolon in between': 'SQL; entre varias sentencias va un punto y coma',
  'the folder that walscan facts has made': 'el directorio que hizo walscan facts',
  'print a JSON object a row, times in UTC': 'muestra un objeto JSON por fila, horas en UTC',
  'print CSV with the names of columns': 'muestra CSV con los nombres de las columnas',
  '\nViews: find_commit, incidents, transactions, changes, wal_by_hour, wal_by_relation, gaps; tables: segments, files,\ncheckpoints, restore_points, relations, rmgrs, records. Without a query they are read from standard input, each up\nto a semicolon; \\d lists tables and views, \\d NAME the columns of one, \\x turns a column a line on or off,\n\\q ends.\n\nIt takes the package @duckdb/node-api beside walscan.\n\nExit code: 0 done; 2 wrong usage, a query that fails, no facts or facts that cannot be read; 3 done, but some of the WAL\nis missing or damaged, which the table problems tells.':
    '\nVistas: find_commit, incidents, transactions, changes, wal_by_hour, wal_by_relation, gaps; tablas: segments, files,\ncheckpoints, restore_points, relations, rmgrs, records. Sin una consulta se leen de la entrada estándar, cada una hasta\nun punto y coma; \\d lista tablas y vistas, \\d NOMBRE las columnas de una, \\x activa o desactiva\nuna columna por línea, \\q termina.\n\nRequiere el paquete @duckdb/node-api junto a walscan.\n\nCódigo de salida: 0 hecho; 2 empleo incorrecto, una consulta que falla, ningún dato o datos que no se pueden leer; 3\nhecho, pero parte del WAL falta o está dañada, como dice la tabla problems.',

  // plan
  'Say, before anything is restored, where recovery of a base backup would stop and whether it can get there.':
    'Dice, antes de restaurar nada, dónde se detendría la recuperación de un respaldo base y si puede llegar ahí.',
  'WAL segments, folders and tar files, repositories of backup tools, or s3://<bucket>/<prefix>; pg_wal of a backup folder is read as well':
    'segmentos de WAL, directorios y archivos tar, repositorios de herramientas de respaldo, o s3://<bucket>/<prefijo>; también se lee el pg_wal de un directorio de respaldo',
  'data folder, base.tar, backup_label, .backup file or backup_manifest; of a repository the name of a backup, or "latest" (default: the newest of the repository that can get there); for an incremental one give all that it builds on as well, each by --backup':
    'directorio de datos, base.tar, backup_label, archivo .backup o backup_manifest; de un repositorio el nombre de un respaldo, o «latest» (por omisión: el más reciente del repositorio que puede llegar ahí); para uno incremental indique también todos aquellos en los que se basa, cada uno con --backup',
  'recover to before the last DELETE, DROP or TRUNCATE of --rel or --table':
    'recupera hasta antes del último DELETE, DROP o TRUNCATE de --rel o --table',
  'recover to this LSN': 'recupera hasta este LSN',
  'recover to this time, in the zone of TZ unless it names one':
    'recupera hasta esta hora, en el huso horario de TZ si no indica ninguno',
  'recover to the end of this transaction': 'recupera hasta el fin de esta transacción',
  'recover to this restore point': 'recupera hasta este punto de recuperación',
  "recover to the backup's end": 'recupera hasta el fin del respaldo',
  'recover to the end of the WAL': 'recupera hasta el fin del WAL',
  'a number, latest or current (default: as the server)':
    'un número, latest o current (por omisión: como el servidor)',
  'stop after --lsn, --time or --xid (the default)':
    'se detiene después de --lsn, --time o --xid (por omisión)',
  'stop before --lsn, --time or --xid': 'se detiene antes de --lsn, --time o --xid',
  'print only the names of the WAL files that recovery to there needs and that are here, one a line, history files first':
    'muestra solo los nombres de los archivos de WAL que la recuperación hasta ahí necesita y que están aquí, uno por línea, primero los archivos de historia',
  '\nExit code: 0 it can be reached, 1 nothing was deleted, 2 wrong usage, no such table or unreadable input, 3 it cannot be reached, a later delete may be in WAL that is missing or damaged, or not all that was given could be read.':
    '\nCódigo de salida: 0 se puede alcanzar, 1 no se eliminó nada, 2 empleo incorrecto, tabla inexistente o entrada ilegible, 3 no se puede alcanzar, un DELETE posterior puede estar en WAL que falta o está dañado, o no se pudo leer todo lo indicado.',

  // logs and settings
  "the server's log, which tells who did it: files and folders of stderr, csvlog or jsonlog, compressed or not; may be given several times":
    'el log del servidor, que dice quién lo hizo: archivos y directorios de stderr, csvlog o jsonlog, comprimidos o no; puede indicarse varias veces',
  'what "SHOW log_line_prefix" tells, for logs of stderr (default: guessed)':
    'lo que muestra «SHOW log_line_prefix», para logs de stderr (por omisión: se deduce)',
  'settings: archive, backup, tz, database (default: walscan/config.toml where yours are)':
    'parámetros: archive, backup, tz, database (por omisión: walscan/config.toml donde están los suyos)',
  'a table with a column a line; on a terminal one that is too wide has it so anyway':
    'una tabla con una columna por línea; en un terminal, una que no cabe se muestra así de todos modos',
  'on a terminal, too, print a long answer without a pager':
    'también en un terminal, muestra sin paginador una respuesta larga',
  'so many, the newest ones': 'muestra solo esta cantidad, las más recientes',
  'so many of each list, the newest ones; but all problems':
    'de cada lista, muestra solo esta cantidad, lo más reciente; pero todos los problemas',
  'so many of the transactions that have no end, the newest ones':
    'de las transacciones sin terminar, muestra solo esta cantidad, las más recientes',
  'print a script that completes words in bash, zsh or fish':
    'muestra un script que completa palabras en bash, zsh o fish',
  'Print a script by which a shell completes the words of walscan.':
    'Muestra un script con el que un shell completa las palabras de walscan.',
  'which one': 'cuál de ellos',
  '\nEach into the file that the shell reads:\n\n  walscan completion bash > ~/.local/share/bash-completion/completions/walscan\n  walscan completion zsh > ~/.zfunc/_walscan       (a folder of $fpath)\n  walscan completion fish > ~/.config/fish/completions/walscan.fish\n\nIt completes commands, options and what they may be, files, and after --table the tables of the base backup that --backup\nor the config names.':
    '\nCada uno al archivo que lee el shell:\n\n  walscan completion bash > ~/.local/share/bash-completion/completions/walscan\n  walscan completion zsh > ~/.zfunc/_walscan       (un directorio de $fpath)\n  walscan completion fish > ~/.config/fish/completions/walscan.fish\n\nCompleta órdenes, opciones y sus valores, archivos, y después de --table las tablas del respaldo base que indican --backup\no la configuración.',
  'print what a report of a bug has to say, and no data':
    'muestra lo que debe decir un informe de error, y ningún dato',
  'Print what a report of a bug has to say, as Markdown, and no data: versions, the command, how it ended, what kind of files it read.':
    'Muestra, en Markdown, lo que debe decir un informe de error, y ningún dato: versiones, la orden, cómo terminó, qué tipo de archivos leyó.',
  'the command that goes wrong, without "walscan": incidents /archive':
    'la orden que falla, sin «walscan»: incidents /archivo',
  '\nThe command is run again, and what it prints is thrown away. Names, values and paths are replaced by what kind they are.\nHave a look before you send it.':
    '\nLa orden se ejecuta de nuevo, y lo que muestra se desecha. Los nombres, valores y rutas se reemplazan por el tipo que son.\nRevíselo antes de enviarlo.',
};
