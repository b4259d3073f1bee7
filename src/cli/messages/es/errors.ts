import type { Catalog } from './catalog.js';

/** What errors say. */
export const errors: Catalog = {
  // options and arguments
  '--backup goes with --verify only': '--backup solo se usa con --verify',
  'SQL does the changes in the order of the commits: use --order lsn with --format json or csv':
    'SQL hace los cambios en el orden de los COMMIT: use --order lsn con --format json o csv',
  'changes of system catalogs cannot be made by SQL: use --system with --format json or csv':
    'los cambios de los catálogos de sistema no se pueden hacer con SQL: use --system con --format json o csv',
  'argument <path> is missing: say where the WAL is': 'falta el argumento <path>: indique dónde está el WAL',
  'give the path once: alone, or with --pgdata': 'indique la ruta una sola vez: sola, o con --pgdata',
  'give a pg_control or a data folder, or set PGDATA':
    'indique un pg_control o un directorio de datos, o defina PGDATA',
  'give either --rel or --table': 'indique --rel o --table, una de las dos',
  'TZ is "{0}", which is no time zone on this machine: times are in UTC; set it to one such as Europe/Madrid':
    'TZ es «{0}», que no es un huso horario en este equipo: las horas están en UTC; defínala como uno, por ejemplo Europe/Madrid',
  'TZ is "{0}", which is no time zone on this machine: times are in what C programs take it for; set it to one such as Europe/Madrid':
    'TZ es «{0}», que no es un huso horario en este equipo: las horas están en lo que los programas en C entienden por ella; defínala como uno, por ejemplo Europe/Madrid',
  '--inclusive and --exclusive exclude each other': '--inclusive y --exclusive son mutuamente excluyentes',
  '--{0} goes with --before-delete only': '--{0} solo se usa con --before-delete',
  '--before-delete needs --rel or --table': '--before-delete requiere --rel o --table',
  'give one of --before-delete, --lsn, --time, --xid, --name, --immediate and --latest':
    'indique una de --before-delete, --lsn, --time, --xid, --name, --immediate y --latest',
  '--inclusive and --exclusive go with --lsn, --time and --xid only':
    '--inclusive y --exclusive solo se usan con --lsn, --time y --xid',
  'say where the page is to go: -o report.html, or -o - for standard output':
    'indique adónde va la página: -o report.html, o -o - para la salida estándar',
  '--cipher-pass-file: {0} is empty: it has to hold the passphrase':
    '--cipher-pass-file: {0} está vacío: debe contener la contraseña',
  '--cipher-pass-file: {0} is too long to be a passphrase':
    '--cipher-pass-file: {0} es demasiado largo para ser una contraseña',
  'cannot read {0}: {1}': 'no se puede leer {0}: {1}',
  '--columns goes without --backup, which tells the columns itself':
    '--columns no se usa con --backup, que ya indica las columnas',
  'a history cannot be printed as --format sql': 'un historial no se puede mostrar con --format sql',
  'nor is that a time that walscan can read, {0}': 'tampoco es una hora que walscan pueda leer, {0}',
  '--expanded goes with --format table only': '--expanded va solo con --format table',
  'give one of --deleted-by, --as-of and --history': 'indique una de --deleted-by, --as-of y --history',
  '--as-of: {0} is no transaction id': '--as-of: {0} no es un id de transacción',
  '--database goes with --table only': '--database solo se usa con --table',
  "{0}; see '{1} --help'": '{0}; vea «{1} --help»',
  'argument <{0}> is missing': 'falta el argumento <{0}>',
  "option '{0}' needs a value": 'la opción «{0}» requiere un valor',
  "option '{0}' has to be given": 'hay que indicar la opción «{0}»',
  "'{0}' cannot be used with '{1}': leave one of them out":
    '«{0}» no se puede usar con «{1}»: omita una de las dos',
  'too many arguments: {0}, of which there may be {1}':
    'demasiados argumentos: {0}, y puede haber a lo sumo {1}',
  "unknown option '{0}'": 'opción desconocida «{0}»',
  "unknown option '{0}': that of a command goes behind it, as in 'walscan <command> {1}'":
    'opción desconocida «{0}»: la de una orden va detrás de ella, como en «walscan <orden> {1}»',
  "unknown option '{0}' (Did you mean {1}?)": 'opción desconocida «{0}» (¿quiso decir {1}?)',
  "unknown command '{0}'": 'orden desconocida «{0}»',
  "unknown command '{0}' (Did you mean {1}?)": 'orden desconocida «{0}» (¿quiso decir {1}?)',
  'give one of {0}': 'indique uno de {0}',
  'option \'{0}\': "{1}": {2}': 'opción «{0}»: «{1}»: {2}',
  'transactions has to be a number of them, or "all"': 'transactions debe ser una cantidad de ellas, o «all»',
  'give either a relation or a table': 'indique una relación o una tabla, una de las dos',
  'backup goes with verify only': 'backup solo se usa con verify',

  // times
  '{0} "{1}": it is no time, {2}': '{0} «{1}»: no es una hora {2}',
  'such as 2025-12-24 17:53:45+00, 2025-12-24 17:53 America/Lima, yesterday 18:00 or "2 hours ago"':
    'como 2025-12-24 17:53:45+00, 2025-12-24 17:53 America/Lima, yesterday 18:00 o «2 hours ago»',
  'it is empty': 'está vacía',
  'infinity is no moment that a clock shows': 'infinity no es un momento que marque un reloj',
  'there is no day {0}': 'no existe el día {0}',
  'there is no such time of day': 'no existe esa hora del día',
  '"{0}" is read as {1}': '«{0}» se lee como {1}',
  'it is out of the range of PostgreSQL, which ends in the year 294276':
    'está fuera del rango de PostgreSQL, que termina en el año 294276',
  'give the day, and 00:00 or 24:00': 'indique el día, y 00:00 o 24:00',
  'give the hour': 'indique la hora',
  'give the year with four digits': 'indique el año con cuatro cifras',
  'give the year, with four digits': 'indique el año, con cuatro cifras',
  '{0} is {1} for some and {2} for others: give one of these':
    '{0} es {1} para unos y {2} para otros: indique uno de estos',
  'give the date, or say which, as in "last friday"': 'indique la fecha, o diga cuál, como en «last friday»',
  'that date is another day of the week': 'esa fecha es otro día de la semana',
  '{0} is east of Greenwich for some and west of it for PostgreSQL: give the offset, such as +02':
    '{0} está al este de Greenwich para unos y al oeste para PostgreSQL: indique el desplazamiento, como +02',
  '{0} is no time zone known here: give the offset, such as +02, or a name, such as Europe/Madrid':
    '{0} no es un huso horario conocido aquí: indique el desplazamiento, como +02, o un nombre, como Europe/Madrid',
  'clocks there were put forward over that time: {0} is taken, as PostgreSQL does':
    'ahí los relojes se adelantaron sobre esa hora: se toma {0}, como hace PostgreSQL',
  'clocks there showed that time twice: {0} is taken, as PostgreSQL does, and not {1}; give the offset to say which':
    'ahí los relojes marcaron esa hora dos veces: se toma {0}, como hace PostgreSQL, y no {1}; indique el desplazamiento para decir cuál',
  '{0} is no offset from UTC, which are less than 16 hours':
    '{0} no es un desplazamiento respecto de UTC, que es de menos de 16 horas',
  '{0} is {1}: give the offset, or the name of the zone':
    '{0} es {1}: indique el desplazamiento, o el nombre del huso horario',
  'this is no time zone file: {0}': 'no es un archivo de huso horario: {0}',

  // relations and tables
  '"{0}" is no relation: give its relfilenode, such as 16386, or tablespace/database/relfilenode, such as 1663/16384/16386 (SELECT pg_relation_filenode(\'table\'))':
    "«{0}» no es una relación: indique su relfilenode, como 16386, o tablespace/base de datos/relfilenode, como 1663/16384/16386 (SELECT pg_relation_filenode('tabla'))",
  '"{0}" is no name of a table': '«{0}» no es un nombre de tabla',
  'there is no table {0} at that moment': 'no existe la tabla {0} en ese momento',
  'there are several tables {0}: {1}; name the schema': 'hay varias tablas {0}: {1}; indique el esquema',
  '{0}.{1} is partitioned and has no partition: it has no rows':
    '{0}.{1} está particionada y no tiene particiones: no tiene filas',
  '{0} is a foreign table: its rows are elsewhere': '{0} es una tabla foránea: sus filas están en otro lugar',
  '{0} is an unlogged table: neither WAL nor base backups have its rows':
    '{0} es una tabla «unlogged»: ni el WAL ni los respaldos base tienen sus filas',
  '{0} has no file to look for: it is partitioned and has no partitions, or a view or a foreign table':
    '{0} no tiene ningún archivo que buscar: está particionada y no tiene particiones, o es una vista o una tabla foránea',
  'there is no table {0} in the backup, nor in the WAL after it':
    'no existe la tabla {0} en el respaldo, ni en el WAL posterior',
  'there is no database {0}': 'no existe la base de datos {0}',
  'there is no database {0} at the end of what was read':
    'no existe la base de datos {0} al final de lo que se leyó',
  'there is no table {0} in the database that is meant':
    'no existe la tabla {0} en la base de datos de que se trata',
  'say in which database the table is': 'indique en qué base de datos está la tabla',
  'several relations have that file number: {0}; name one of them':
    'varias relaciones tienen ese número de archivo: {0}; indique una de ellas',
  'several relations have this relfilenode and were deleted from: {0}; give one of them':
    'varias relaciones tienen este relfilenode y se eliminaron filas de ellas: {0}; indique una',
  'tables of several databases were changed: {0}; say which one is meant':
    'se cambiaron tablas de varias bases de datos: {0}; indique de cuál se trata',
  'say what is to be undone: transactions, or since when':
    'indique qué se ha de deshacer: transacciones, o desde cuándo',
  'the columns cannot be used: {0}': 'las columnas no se pueden usar: {0}',
  'column {0}: {1}': 'columna {0}: {1}',
  'column {0}: the text of a value of {1} stored bytes is too long':
    'columna {0}: el texto de un valor de {1} bytes almacenados es demasiado largo',

  // what became of transactions and rows
  'the rows are those that the WAL alone tells, without those that only a backup has: {0}':
    'las filas son las que indica solo el WAL, sin las que tiene solamente un respaldo: {0}',
  '{0}, and not all that was given could be read: {1}{2}': '{0}, y no se pudo leer todo lo indicado: {1}{2}',
  'no transaction that committed in the WAL given deleted rows of the table':
    'ninguna transacción comprometida en el WAL indicado eliminó filas de la tabla',
  '{0} rows hold no value of column {1}: they are older than the column, if the table has it, and given with NULL, though it may have got a default when it was added, which only a backup tells':
    '{0} filas no contienen ningún valor de la columna {1}: son más antiguas que la columna, si la tabla la tiene, y se dan con NULL, aunque pudo recibir un valor por omisión cuando se agregó, lo cual solo indica un respaldo',
  '{0} values of column {1} are no UTF-8: they are right if the database has another encoding, and else the column is of another type':
    '{0} valores de la columna {1} no son UTF-8: son correctos si la base de datos tiene otra codificación, y si no, la columna es de otro tipo',
  'the answer is closed: no row can be had any more':
    'la respuesta está cerrada: ya no se puede obtener ninguna fila',
  'the transaction has no end: it deleted nothing': 'la transacción no termina: no eliminó nada',
  'the transaction removed the file of the table, and the WAL given does not tell whether by DROP or TRUNCATE, or whether the rows went on in a new file: these are all that it had before':
    'la transacción eliminó el archivo de la tabla, y el WAL indicado no dice si por DROP o TRUNCATE, o si las filas continuaron en un archivo nuevo: estas son todas las que tenía antes',
  'transaction {0} was rolled back at {1}, {2}: it changed nothing':
    'la transacción {0} se abortó en {1}, {2}: no cambió nada',
  'the WAL given has no change of that relation': 'el WAL indicado no tiene ningún cambio de esa relación',
  'the WAL given says no more of that relation than that transaction {0} {1} it at {2}, and has none of its rows: they are in a base backup of before that, if anywhere':
    'el WAL indicado no dice de esa relación más que la transacción {0} la {1} en {2}, y no tiene ninguna de sus filas: estarán, si acaso, en un respaldo base anterior',
  'transactions removed {0} files, of which the WAL alone does not tell whether by DROP, TRUNCATE or a rewrite: give a backup from before':
    'hubo transacciones que eliminaron {0} archivos, de los que el WAL solo no dice si por DROP, TRUNCATE o una reescritura: indique un respaldo anterior',
  'without a backup rows are known only as far as the WAL has them: give one from before, or a later one as --catalog for names and types':
    'sin un respaldo las filas se conocen solo en cuanto las tiene el WAL: indique uno anterior, o uno posterior con --catalog para los nombres y tipos',
  'it ends at {0}: give what follows, too': 'termina en {0}: indique también lo que sigue',
  '{0} had begun before the backup: what was changed by then, before {1}, is not told, as an older backup and the WAL from there on would':
    '{0} había comenzado antes del respaldo: no se dice lo que había cambiado entonces, antes de {1}; lo diría un respaldo más antiguo con el WAL desde ahí',
  '{0} ({1}) is later than {2} ({3}): nothing lies between them':
    '{0} ({1}) es posterior a {2} ({3}): no hay nada entre ellos',
  'the backup is of a later time than what is asked for: what was committed before {0} is not told, as an older backup and the WAL from there on would':
    'el respaldo es posterior a lo que se pide: no se dice lo que se comprometió antes de {0}; lo diría un respaldo más antiguo con el WAL desde ahí',
  'the WAL given ends at {0}, before {1}: give what follows, too':
    'el WAL indicado termina en {0}, antes de {1}: indique también lo que sigue',
  'what became of transaction {0} is not in the input':
    'lo que ocurrió con la transacción {0} no está en la entrada',
  'the members of multixact {0} are not in the input':
    'los miembros del multixact {0} no están en la entrada',

  // backups
  'a plan needs a base backup: give --backup, or a repository that has one':
    'un plan requiere un respaldo base: indique --backup, o un repositorio que tenga uno',
  'no base backup is given: the list of them is empty':
    'no se indicó ningún respaldo base: la lista está vacía',
  'a table can be found by its name only with a base backup: give --backup, or a repository of pgBackRest, Barman or WAL-G that has one':
    'una tabla solo se puede encontrar por su nombre con un respaldo base: indique --backup, o un repositorio de pgBackRest, Barman o WAL-G que tenga uno',
  'a table can be found by its name only with a base backup':
    'una tabla solo se puede encontrar por su nombre con un respaldo base',
  'there is no backup {0} in {1}, and no file or folder of that name; walscan archive lists the backups':
    'no hay ningún respaldo {0} en {1}, ni un archivo o directorio de ese nombre; walscan archive lista los respaldos',
  '{0}; the backup {1} was passed over': '{0}; se pasó por alto el respaldo {1}',
  'could not parse backup manifest: {0}': 'no se pudo interpretar el manifiesto del respaldo: {0}',
  'the manifest tells of more files than fit into memory: {0}':
    'el manifiesto nombra más archivos de los que caben en la memoria: {0}',
  'manifest has no checksum': 'el manifiesto no tiene suma de verificación',
  'invalid manifest checksum': 'suma de verificación de manifiesto no válida',
  'manifest checksum mismatch: the file was changed after the backup':
    'la suma de verificación del manifiesto no coincide: el archivo se cambió después del respaldo',
  'unrecognized checksum algorithm': 'algoritmo de suma de verificación no reconocido',
  'invalid checksum for file "{0}"': 'suma de verificación no válida para el archivo «{0}»',
  'this is an incremental backup, from which no server starts: give all those that it builds on as well (each by --backup), or combine them (pg_combinebackup) and give the result':
    'este es un respaldo incremental, con el que ningún servidor se inicia: indique también todos aquellos en los que se basa (cada uno con --backup), o combínelos (pg_combinebackup) e indique el resultado',
  'this backup was taken from a standby, and only its pg_control says where it ends: give the backup itself (its folder or base.tar)':
    'este respaldo se tomó de un standby, y solo su pg_control dice dónde termina: indique el respaldo mismo (su directorio o base.tar)',
  'backup_label contains data inconsistent with control file: it says that the backup was taken from a standby, and pg_control that the server was {0}. The server refuses it; take another backup':
    'backup_label contiene datos inconsistentes con el archivo de control: dice que el respaldo se tomó de un standby, y pg_control que el servidor estaba {0}. El servidor lo rechaza; use otro respaldo',
  'the backup manifest names no WAL': 'el manifiesto del respaldo no nombra ningún WAL',
  'it has no backup_label, and its pg_control is that of a running server: without the label these files are no backup that could be made consistent':
    'no tiene backup_label, y su pg_control es el de un servidor en marcha: sin la etiqueta estos archivos no son un respaldo que se pueda hacer consistente',
  '{0} is no base backup: it has no {1}': '{0} no es un respaldo base: no tiene {1}',
  '{0} is no base backup: give a data folder, base.tar, backup_label, a .backup file or backup_manifest':
    '{0} no es un respaldo base: indique un directorio de datos, base.tar, backup_label, un archivo .backup o backup_manifest',
  '{0} is not all of a base backup: give its data folder or base.tar':
    '{0} no es un respaldo base entero: indique su directorio de datos o base.tar',
  '{0} is no {1} with all of a base backup: give a data folder, or base.tar or the folder that it is in':
    '{0} no es un {1} con todo un respaldo base: indique un directorio de datos, o base.tar o el directorio en que está',
  '{0} is no tar file, as its name says that it is; {1}':
    '{0} no es un archivo tar, como dice su nombre; {1}',
  '{0} {1}: the backup is damaged, take another one': '{0} {1}: el respaldo está dañado, use otro',
  'cannot read {0}: it is a link to what is not there':
    'no se puede leer {0}: es un enlace a algo que no existe',
  '{0} has no global/pg_control: it is not the tar file of a data folder':
    '{0} no tiene global/pg_control: no es el archivo tar de un directorio de datos',
  '{0} has its files in tar files, or not all of them: unpack base.tar and the tar files of tablespaces (into pg_tblspc/<oid>) and give the folder, for incremental backups can be put together from folders only':
    '{0} tiene sus archivos en archivos tar, o no todos: desempaquete base.tar y los archivos tar de los tablespaces (en pg_tblspc/<oid>) e indique el directorio, pues los respaldos incrementales solo se pueden combinar desde directorios',
  '{0} has no {1}, without which it is no backup that another one builds on':
    '{0} no tiene {1}, sin el cual no es un respaldo en el que se base otro',
  '{0} is of another cluster (system identifier {1}) than {2} ({3})':
    '{0} es de otro clúster (identificador de sistema {1}) que {2} ({3})',
  '{0} is a full backup, and so is one before it: give one full backup and the incremental ones that build on it':
    '{0} es un respaldo completo, y también lo es uno anterior: indique un respaldo completo y los incrementales que se basan en él',
  '{0} is incremental and builds on the backup that starts at {1} on timeline {2}, which is not there: give that one, too, and those that it builds on':
    '{0} es incremental y se basa en el respaldo que comienza en {1} de la línea de tiempo {2}, que no está: indique también ese, y aquellos en los que se basa',
  'the backup {0} is damaged: {1} {2}': 'el respaldo {0} está dañado: {1} {2}',
  'the backup {0} is damaged: in {1} the checksums of pages do not fit, of block {2}{3}':
    'el respaldo {0} está dañado: en {1} no coinciden las sumas de verificación de páginas, del bloque {2}{3}',
  'the backup {0} is not as it was taken: {1} is in it, but not in its backup_manifest':
    'el respaldo {0} no está como se tomó: {1} está en él, pero no en su backup_manifest',
  'the backup {0} is damaged: its manifest is of a cluster with the system identifier {1}, and its {2} of one with {3}':
    'el respaldo {0} está dañado: su manifiesto es de un clúster con el identificador de sistema {1}, y su {2} de uno con {3}',
  'the backup {0} has a manifest with {1} ranges of WAL: no more than {2} were looked at':
    'el respaldo {0} tiene un manifiesto con {1} rangos de WAL: no se miraron más de {2}',
  '{0} more files have a problem of this kind ({1}), which are not told one by one':
    '{0} archivos más tienen un problema de este tipo ({1}), que no se indican uno por uno',
  'the backup {0} has no file {1}, and the WAL does not say that it was made since':
    'el respaldo {0} no tiene el archivo {1}, y el WAL no dice que se creara después',
  'the backup {0} is damaged: {1} is not in it, though others of its folder are':
    'el respaldo {0} está dañado: {1} no está en él, aunque sí otros de su directorio',
  '{0} is no relation that is wanted': '{0} no es una relación que se busque',
  '{0} has more bytes than can be right': '{0} tiene más bytes de los que puede tener',
  '{0} has blocks of {1} bytes': '{0} tiene bloques de {1} bytes',
  '{0} has relations in files of {1} blocks': '{0} tiene relaciones en archivos de {1} bloques',
  'block {0} of {1} is damaged, {2}, and no image in the WAL replaces it{3}: what was on it is left out, but for what the WAL has of it':
    'el bloque {0} de {1} está dañado, {2}, y ninguna imagen del WAL lo reemplaza{3}: se omite lo que había en él, salvo lo que el WAL tiene de él',
  '{0} lies before the backup, whose data are newer: take an older backup':
    '{0} es anterior al respaldo, cuyos datos son más recientes: use un respaldo más antiguo',
  'the backup was still being taken at {0}: what it holds is of no single moment before its end':
    'en {0} aún se estaba tomando el respaldo: lo que contiene no es de un solo momento antes de su fin',

  // WAL, timelines, archive
  '{0} is missing: without it no recovery goes to timeline {1}':
    'falta {0}: sin él ninguna recuperación llega a la línea de tiempo {1}',
  "{0} is missing: without it only timeline {1}'s own segments can be searched, not what it shares with others":
    'falta {0}: sin él solo se puede buscar en los segmentos propios de la línea de tiempo {1}, no en lo que comparte con otras',
  'there is no WAL segment in what was given': 'no hay ningún segmento de WAL en lo indicado',
  'there is no WAL in what was given: {0} is {1}': 'no hay WAL en lo indicado: {0} es {1}',
  '{0} holds {1}': '{0} contiene {1}',
  'of {0} there is a .partial file only, although later segments are there; see without --quick whether it is whole':
    'de {0} solo hay un archivo .partial, aunque hay segmentos posteriores; vea sin --quick si está entero',
  'pg_resetwal made {0}: the WAL begins anew at {1}{2}; no recovery goes on from before that, and what comes after it needs a base backup taken after it':
    'pg_resetwal creó {0}: el WAL comienza de nuevo en {1}{2}; ninguna recuperación continúa desde antes, y lo posterior requiere un respaldo base tomado después',
  "requested timeline {0} is not in this server's history":
    'la línea de tiempo solicitada {0} no está en la historia de este servidor',
  'recovery target timeline {0} does not exist: there is no {1}':
    'no existe la línea de tiempo de destino {0}: no hay {1}',
  "requested timeline {0} is not a child of this server's history: the backup is of timeline {1}, which is none of its ancestors":
    'la línea de tiempo solicitada {0} no es hija de la historia de este servidor: el respaldo es de la línea de tiempo {1}, que no es una de sus antecesoras',
  "requested timeline {0} is not a child of this server's history: the backup's checkpoint is at {1} on timeline {2}, which timeline {3} left at {4} already":
    'la línea de tiempo solicitada {0} no es hija de la historia de este servidor: el punto de control del respaldo está en {1} de la línea de tiempo {2}, que la línea de tiempo {3} dejó ya en {4}',
  "requested timeline {0} does not contain minimum recovery point {1} on timeline {2}: the backup's files are newer than the place where it branched off":
    'la línea de tiempo solicitada {0} no contiene el punto mínimo de recuperación {1} de la línea de tiempo {2}: los archivos del respaldo son más recientes que el lugar donde se bifurcó',
  '{0}, of which {1} is missing': '{0}, y de eso falta {1}',
  '{0}, and it is damaged: {1}': '{0}, y está dañado: {1}',
  '{0}, but in {1} {2}; find out which of the two is of this cluster':
    '{0}, pero en {1} {2}; averigüe cuál de los dos es de este clúster',
  '{0}; nothing was read from there to {1}': '{0}; no se leyó nada desde ahí hasta {1}',
  '{0}; nothing could be read from there on': '{0}; desde ahí no se pudo leer nada',
  'the record at {0} contradicts itself and was left out': 'el registro en {0} se contradice y se omitió',
  'there may be more records that contradict themselves, which are not told one by one':
    'puede haber más registros que se contradicen, que no se indican uno por uno',
  '{0} as far as the WAL can be read: {1}{2}': '{0} hasta donde se puede leer el WAL: {1}{2}',
  '{0}, as far as the catalogs can be read: {1}{2}': '{0}, hasta donde se pueden leer los catálogos: {1}{2}',
  'the WAL is damaged at {0}: {1}': 'el WAL está dañado en {0}: {1}',
  'WAL from {0} to {1} is missing': 'falta el WAL de {0} a {1}',
  'from {0} on the WAL was written with wal_level=minimal, which leaves rows out: take a backup of later':
    'a partir de {0} el WAL se escribió con wal_level=minimal, que omite filas: use un respaldo posterior',
  "the WAL from the backup's start at {0} on is not in the input: give it, too; where pg_basebackup took it along, it is in the backup's pg_wal or pg_wal.tar":
    'el WAL desde el inicio del respaldo en {0} no está en la entrada: indíquelo también; si pg_basebackup lo incluyó, está en el pg_wal o pg_wal.tar del respaldo',
  "the WAL has no checkpoint of the backup's at its start: it is not the WAL that the backup was made with":
    'el WAL no tiene el punto de control del respaldo en su inicio: no es el WAL con el que se hizo el respaldo',
  '{0} begins with a page from within a segment': '{0} comienza con una página del interior de un segmento',
  '{0} states a segment size of {1} bytes, which is no power of two between 1 MiB and 1 GiB':
    '{0} indica un tamaño de segmento de {1} bytes, que no es una potencia de dos entre 1 MiB y 1 GiB',
  '{0} states a WAL block size of {1} bytes': '{0} indica un tamaño de bloque de WAL de {1} bytes',
  '{0} is {1}': '{0} es {1}',
  'PostgreSQL {0} is not known to walscan': 'walscan no conoce PostgreSQL {0}',
  'PostgreSQL {0} with segments of {1} and blocks of {2} bytes':
    'PostgreSQL {0} con segmentos de {1} y bloques de {2} bytes',
  'WAL of different clusters: {0} of system identifier {1}, {2} of {3}; give the files of one cluster':
    'WAL de clústeres diferentes: {0} con el identificador de sistema {1}, {2} con {3}; indique los archivos de un solo clúster',
  'WAL of different formats: {0} of {1}, {2} of {3} (pg_resetwal --wal-segsize was run in between: no recovery goes from one to the other); give the files of one of them':
    'WAL de formatos diferentes: {0} de {1}, {2} de {3} (entretanto se ejecutó pg_resetwal --wal-segsize: ninguna recuperación va de uno al otro); indique los archivos de uno de ellos',
  'WAL of different formats: {0} of {1}, {2} of {3}; give the files of one of them':
    'WAL de formatos diferentes: {0} de {1}, {2} de {3}; indique los archivos de uno de ellos',
  '{0} holds WAL of another cluster or another format than the rest, and not {1} as its name says; it was left out':
    '{0} contiene WAL de otro clúster o de otro formato que los demás, y no {1} como dice su nombre; se omitió',
  '{0} holds segment {1}, not {2} as its name says; it is taken for what it holds':
    '{0} contiene el segmento {1}, no {2} como dice su nombre; se toma por lo que contiene',
  'the first page of {0} says that it is of another segment, the second page does not':
    'la primera página de {0} dice que es de otro segmento, la segunda página no',
  'the header of {0} claims segments of {1} bytes, and the file has {2}, as its name has segments of {3}: the header is damaged':
    'el encabezado de {0} dice segmentos de {1} bytes, y el archivo tiene {2}, como según su nombre los segmentos de {3}: el encabezado está dañado',
  '{0} and {1} are both segment {2} but differ from {3} on; give only the right one':
    '{0} y {1} son ambos el segmento {2} pero difieren a partir de {3}; indique solo el correcto',
  '{0} ends after {1} of the {2} bytes that a segment of this cluster has':
    '{0} termina tras {1} de los {2} bytes que tiene un segmento de este clúster',
  '{0} has more than the {1} bytes that a segment of this cluster has; the rest was not read':
    '{0} tiene más de los {1} bytes que tiene un segmento de este clúster; el resto no se leyó',
  '{0} has more than the {1} bytes that can be right{2}': '{0} tiene más de los {1} bytes que puede tener{2}',
  '{0} does not begin as segment {1} does, and not as it did before: it was replaced while it was being read; ask again':
    '{0} no comienza como el segmento {1}, ni como antes: se reemplazó mientras se leía; pregunte de nuevo',
  'what is asked takes the WAL of {0}, of which only facts are here: they tell nothing of a part of a segment, nor names; give the path of its WAL, too':
    'lo que se pide requiere el WAL de {0}, del que aquí solo hay datos: no dicen nada de una parte de un segmento, ni nombres; indique también la ruta de su WAL',
  '{0} and {1} tell different histories of timeline {2}; give only the right one':
    '{0} y {1} cuentan historias diferentes de la línea de tiempo {2}; indique solo la correcta',
  '{0} and {1} tell different histories of timeline {2}: several servers or restores have archived here, keep their files apart':
    '{0} y {1} cuentan historias diferentes de la línea de tiempo {2}: aquí han archivado varios servidores o restauraciones, mantenga separados sus archivos',
  '{0} was left out: there are history files of more timelines than can be right; give those of the timelines that matter':
    'se omitió {0}: hay archivos de historia de más líneas de tiempo de las que puede haber; indique los de las líneas de tiempo que importen',
  '{0} was left out: there are more history and backup files than {1}; give those that matter':
    'se omitió {0}: hay más archivos de historia y de respaldo que {1}; indique los que importen',
  '{0} names no timeline that timeline {1} comes from: to the server it begins from nothing, and no backup of before can be recovered to it; get the file again from the server that wrote it':
    '{0} no nombra ninguna línea de tiempo de la que provenga la línea de tiempo {1}: para el servidor comienza de la nada, y ningún respaldo anterior se puede recuperar en ella; obtenga de nuevo el archivo del servidor que lo escribió',

  // faults of WAL, in the words of PostgreSQL's own catalog
  'invalid magic number {0} in {1}': 'número mágico {0} no válido en {1}',
  'invalid info bits {0} in {1}': 'info bits {0} no válidos en {1}',
  'unexpected pageaddr {0} in {1}': 'pageaddr {0} inesperado en {1}',
  'out-of-sequence timeline ID {0} (after {1}) in {2}':
    'ID de línea de tiempo {0} fuera de secuencia (después de {1}) en {2}',
  'WAL file is from different database system: incorrect segment size in page header':
    'el archivo WAL es de un sistema de bases de datos distinto: tamaño de segmento incorrecto en el encabezado de página',
  'WAL file is from different database system: incorrect XLOG_SEG_SIZE in page header':
    'el archivo WAL es de un sistema de bases de datos distinto: XLOG_SEG_SIZE incorrecto en el encabezado de página',
  'WAL file is from different database system: incorrect XLOG_BLCKSZ in page header':
    'el archivo WAL es de un sistema de bases de datos distinto: XLOG_BLCKSZ incorrecto en el encabezado de página',
  'segment {0} ends at offset {1}, {2} bytes before the end of a page':
    'el segmento {0} termina en la posición {1}, {2} bytes antes del fin de una página',
  'contrecord is requested by {0}': 'contrecord solicitado por {0}',
  'there is no contrecord flag at {0}': 'no hay bandera de contrecord en {0}',
  'invalid contrecord length {0} (expected {1}) at {2}':
    'largo de contrecord {0} no válido (se esperaba {1}) en {2}',
  'invalid contrecord length {0} at {1}': 'largo de contrecord {0} no válido en {1}',
  'invalid record length at {0}: expected at least {1}, got {2}':
    'largo de registro no válido en {0}: se esperaba al menos {1}, se obtuvo {2}',
  'invalid record length at {0}: wanted {1}, got {2}':
    'largo de registro no válido en {0}: se esperaba {1}, se obtuvo {2}',
  'invalid resource manager ID {0} at {1}': 'ID de gestor de recursos {0} no válido en {1}',
  'record with incorrect prev-link {0} at {1}': 'registro con prev-link {0} incorrecto en {1}',
  'incorrect resource manager data checksum in record at {0}':
    'suma de verificación de los datos del gestor de recursos incorrecta en el registro en {0}',
  'out-of-order block_id {0} at {1}': 'block_id {0} fuera de orden en {1}',
  'invalid block_id {0} at {1}': 'block_id {0} no válido en {1}',
  'BKPBLOCK_HAS_DATA set, but no data included at {0}':
    'BKPBLOCK_HAS_DATA está definido, pero no hay datos en {0}',
  'BKPBLOCK_HAS_DATA not set, but data length is {0} at {1}':
    'BKPBLOCK_HAS_DATA no está definido, pero el largo de los datos es {0} en {1}',
  'BKPIMAGE_HAS_HOLE set, but hole offset {0} length {1} block image length {2} at {3}':
    'BKPIMAGE_HAS_HOLE está definido, pero posición del agujero {0} largo {1} largo de imagen de bloque {2} en {3}',
  'BKPIMAGE_HAS_HOLE not set, but hole offset {0} length {1} at {2}':
    'BKPIMAGE_HAS_HOLE no está definido, pero posición del agujero {0} largo {1} en {2}',
  '{0} set, but block image length {1} at {2}':
    '{0} está definido, pero el largo de imagen de bloque es {1} en {2}',
  'neither BKPIMAGE_HAS_HOLE nor {0} set, but block image length is {1} at {2}':
    'ni BKPIMAGE_HAS_HOLE ni {0} están definidos, pero el largo de imagen de bloque es {1} en {2}',
  'BKPBLOCK_SAME_REL set but no previous rel at {0}':
    'BKPBLOCK_SAME_REL está definido, pero no hay relación anterior en {0}',
  'record with invalid length at {0}': 'registro con largo no válido en {0}',
  'WAL segment {0}, LSN {1}, offset {2}': 'el segmento de WAL {0}, LSN {1}, posición {2}',
  'log segment {0}, offset {1}': 'el archivo {0}, posición {1}',

  // files
  'the file ends too early': 'el archivo termina demasiado pronto',
  '{0} cannot be unpacked: {1}': 'no se puede descomprimir {0}: {1}',
  '{0} unpacks to more than the {1} bytes that it states as its size':
    '{0}, descomprimido, tiene más de los {1} bytes que indica como su tamaño',
  '{0} is compressed or encrypted in a way that walscan does not know; unpack it first':
    '{0} está comprimido o cifrado de un modo que walscan no conoce; descomprímalo antes',
  '{0} is encrypted by OpenPGP, which walscan does not open: decrypt it first (gpg --decrypt, or barman get-wal)':
    '{0} está cifrado con OpenPGP, que walscan no abre: descífrelo antes (gpg --decrypt, o barman get-wal)',
  'the names of what is in {0} are longer than {1} characters in all; the rest was left out, give it in several tar files':
    'los nombres de lo que hay en {0} suman más de {1} caracteres; el resto se omitió, indíquelo en varios archivos tar',
  'input {0} is no path, no bytes, no source and no folder':
    'la entrada {0} no es una ruta, ni bytes, ni una fuente, ni un directorio',
  '{0} is a path, which takes the functions of walscan/node to be opened':
    '{0} es una ruta, que solo abren las funciones de walscan/node',
  '{0} could not be read: {1}': 'no se pudo leer {0}: {1}',
  '{0} is {1}, without the bytes that its name is for: unpack the tar file first, or make it anew with tar --hard-dereference --dereference':
    '{0} es {1}, sin los bytes que su nombre anuncia: desempaquete antes el archivo tar, o hágalo de nuevo con tar --hard-dereference --dereference',
  '{0} cannot be read as a tar file: {1}': '{0} no se puede leer como archivo tar: {1}',
  '{0} is closed': '{0} está cerrado',
  '{0} has changed while it was read': '{0} cambió mientras se leía',
  '{0} of {1} cannot be read: {2}': 'no se puede leer {0} de {1}: {2}',
  'cannot read {0}: it is gone since its folder was listed; ask again (a running server takes segments away)':
    'no se puede leer {0}: ha desaparecido desde que se listó su directorio; pregunte de nuevo (un servidor en marcha retira segmentos)',
  'cannot read {0}: it is {1}, and neither a file nor a folder; copy what comes out of it to a file':
    'no se puede leer {0}: es {1}, y no un archivo ni un directorio; copie en un archivo lo que sale de ahí',
  'a temporary file in {0} cannot be {1}: {2}; {3}': 'un archivo temporal en {0} no se puede {1}: {2}; {3}',
  'the worker thread that read {0} ran out of memory; give the program more: NODE_OPTIONS=--max-old-space-size=<MiB>':
    'el hilo de trabajo que leía {0} agotó la memoria; dé más al programa: NODE_OPTIONS=--max-old-space-size=<MiB>',
  'a worker thread was lost while it wrote: the output is not whole; try again with --jobs 1':
    'se perdió un hilo de trabajo mientras escribía: la salida no está entera; pruebe de nuevo con --jobs 1',
  'it is compressed by Brotli, which only Node unpacks: use walscan/node, or unpack it first':
    'está comprimido con Brotli, que solo Node descomprime: use walscan/node, o descomprímalo antes',
  'LZ4 data {0}': 'los datos LZ4 {0}',
  'Zstandard data {0}': 'los datos Zstandard {0}',
  'pglz data {0}': 'los datos pglz {0}',

  // object stores
  'to read {0} takes the package {1}, which cannot be loaded; install it beside walscan: npm install {2} (with -g where walscan was installed so)':
    'leer {0} requiere el paquete {1}, que no se puede cargar; instálelo junto a walscan: npm install {2} (con -g si walscan se instaló así)',
  'the store lists {0} in a way that cannot be right: {1}':
    'el almacén lista {0} de un modo que no puede ser correcto: {1}',
  'the store gave no answer for {0}{1}: {2}': 'el almacén no dio respuesta para {0}{1}: {2}',
  '{0} names no bucket: give s3://<bucket>/<prefix>':
    '{0} no nombra ningún bucket: indique s3://<bucket>/<prefijo>',
  'cannot read {0}: there is no object of that name, and none below it':
    'no se puede leer {0}: no hay ningún objeto de ese nombre, ni ninguno por debajo',

  // facts and SQL
  'SQL takes the package {0}, which cannot be loaded; install it beside walscan: npm install {1} (with -g where walscan was installed so)':
    'SQL requiere el paquete {0}, que no se puede cargar; instálelo junto a walscan: npm install {1} (con -g si walscan se instaló así)',
  'the query fails{0}: {1}': 'la consulta falla{0}: {1}',
  'in the path {0} DuckDB would take folders for columns of facts: go to that folder, and ask with --facts .':
    'en la ruta {0} DuckDB tomaría directorios por columnas de datos: vaya a ese directorio, y pregunte con --facts .',
  '{0} is no table of facts that can be read; make the facts of this segment anew: {1}':
    '{0} no es una tabla de datos que se pueda leer; haga de nuevo los datos de este segmento: {1}',
  '{0} is no table of facts that can be read: {1}': '{0} no es una tabla de datos que se pueda leer: {1}',
  '{0} lies among facts, and is none: move its folder out of {1}':
    '{0} está entre los datos, y no lo es: saque su directorio de {1}',
  'there are no facts in {0}: make them there by walscan facts -o {1}':
    'no hay datos en {0}: hágalos ahí con walscan facts -o {1}',
  'there are no facts of WAL in {0}: "walscan facts -o" makes them':
    'no hay datos de WAL en {0}: los hace «walscan facts -o»',
  '{0} has facts of several clusters ({1}): keep each in a folder of its own':
    '{0} tiene datos de varios clústeres ({1}): guarde cada uno en un directorio propio',
  'the facts of {0} are of version {1}, and this walscan reads version {2}: make the facts anew, or use the walscan that made them':
    'los datos de {0} son de la versión {1}, y este walscan lee la versión {2}: haga los datos de nuevo, o use el walscan que los hizo',
  '{0} is of version {1} of facts, and this walscan reads version {2}: make the facts anew, or use the walscan that made them':
    '{0} es de la versión {1} de los datos, y este walscan lee la versión {2}: haga los datos de nuevo, o use el walscan que los hizo',
  '{0} is a symbolic link to {1}: facts are written nowhere but below {2}':
    '{0} es un enlace simbólico a {1}: los datos solo se escriben por debajo de {2}',
  'facts cannot be written to {0}: {1}{2}': 'no se pueden escribir datos en {0}: {1}{2}',
  '{0} is missing, or too large': '{0} falta, o es demasiado grande',
  '{0} is of another segment': '{0} es de otro segmento',
  '{0} contradicts itself: {1}; make the facts of this segment anew':
    '{0} se contradice: {1}; haga de nuevo los datos de este segmento',
  'of the segment at {0} no facts are made: {1} bytes of it belong to records that run over its beginning or end, and facts keep {2} at most':
    'del segmento en {0} no se hacen datos: {1} bytes suyos son de registros que pasan de su inicio o su fin, y los datos guardan {2} como máximo',
  'the state in {0} cannot be read: {1}': 'no se puede leer el estado en {0}: {1}',
  'what {0} says of the tables beside it cannot be read':
    'no se puede leer lo que dice {0} de las tablas junto a él',

  // catalogs
  'the names of relations are not known: {0}': 'no se conocen los nombres de las relaciones: {0}',
  'a system catalog lacks a value for {0}': 'a un catálogo de sistema le falta un valor para {0}',
  'unknown alignment "{0}" in a system catalog': 'alineamiento desconocido «{0}» en un catálogo de sistema',
  'the catalogs of PostgreSQL {0} cannot be read, but only those of 12 and later: name the table by its relfilenode':
    'los catálogos de PostgreSQL {0} no se pueden leer, sino solo los de 12 y posteriores: indique la tabla por su relfilenode',
  'a row of pg_attribute is too short': 'una fila de pg_attribute es demasiado corta',
  'pg_attribute does not describe itself': 'pg_attribute no se describe a sí misma',
  'pg_class has {0} columns of {1}, and pg_attribute the first {2} of them':
    'pg_class tiene {0} columnas de {1}, y pg_attribute las primeras {2}',
  'pg_class has {0} columns of {1}, and pg_attribute {2} of them':
    'pg_class tiene {0} columnas de {1}, y pg_attribute {2} de ellas',
  'pg_filenode.map has no file for relation {0}': 'pg_filenode.map no tiene archivo para la relación {0}',
  'global/pg_filenode.map has no file for pg_database':
    'global/pg_filenode.map no tiene archivo para pg_database',
  'a pg_filenode.map is damaged': 'un pg_filenode.map está dañado',
  'a system catalog has no column {0} at a fixed place':
    'un catálogo de sistema no tiene la columna {0} en un lugar fijo',
  'the catalogs that tell the names of {0} are not known':
    'no se conocen los catálogos que dan los nombres de {0}',
  'no catalog tells the names of {0}': 'ningún catálogo da los nombres de {0}',
  'neither the backup nor the WAL has the catalogs of database {0}':
    'ni el respaldo ni el WAL tienen los catálogos de la base de datos {0}',
  'catalogs are in a base backup only': 'los catálogos están solo en un respaldo base',
  'no catalogs are given': 'no se indican catálogos',
  'the catalogs of {0} and the WAL are of different clusters':
    'los catálogos de {0} y el WAL son de clústeres diferentes',

  // pages, tuples and values
  'the record at {0} cannot be applied to {1}: {2}; backup and WAL are not of one piece':
    'el registro en {0} no se puede aplicar ({1}): {2}; el respaldo y el WAL no corresponden uno al otro',
  '{0} bytes are no page': '{0} bytes no son una página',
  'pd_lower {0} is outside of the page': 'pd_lower {0} está fuera de la página',
  'the page has bytes, but no header': 'la página tiene bytes, pero no encabezado',
  'a page with flags {0}, whose free space is from {1} to {2}, and its special space at {3}':
    'una página con las banderas {0}, cuyo espacio libre va de {1} a {2}, y su espacio especial está en {3}',
  "item {0} lies outside of the page's tuples, from byte {1} to {2}":
    'el elemento {0} está fuera de las tuplas de la página, del byte {1} al {2}',
  'item {0} is no tuple: {1} bytes at {2}': 'el elemento {0} no es una tupla: {1} bytes en {2}',
  'item {0} lies outside of the page': 'el elemento {0} está fuera de la página',
  'a tuple cannot be item {0}': 'una tupla no puede ser el elemento {0}',
  'no room for a tuple of {0} bytes as item {1}':
    'no hay espacio para una tupla de {0} bytes como elemento {1}',
  'no room for a tuple of {0} bytes': 'no hay espacio para una tupla de {0} bytes',
  'no room for {0} line pointers': 'no hay espacio para {0} punteros de línea',
  'the page has no item {0}': 'la página no tiene el elemento {0}',
  'the page has no tuple as item {0}': 'la página no tiene una tupla como elemento {0}',
  'there is no tuple at {0}': 'no hay ninguna tupla en {0}',
  'an UPDATE takes more from the old tuple than it has':
    'un UPDATE toma de la tupla anterior más de lo que tiene',
  'a tuple changed in place has another length': 'una tupla cambiada en su lugar tiene otro largo',
  'a tuple of {0} bytes is too short': 'una tupla de {0} bytes es demasiado corta',
  'a value at byte {0} does not fit into its tuple': 'un valor en el byte {0} no cabe en su tupla',
  'the header does not fit into the tuple': 'el encabezado no cabe en la tupla',
  'the null bitmap does not fit into the header': 'el mapa de nulos no cabe en el encabezado',
  'no data of a tuple begin at byte {0}': 'los datos de una tupla no comienzan en el byte {0}',
  'what is between two values, from byte {0} on, is not zero':
    'lo que hay entre dos valores, desde el byte {0}, no es cero',
  'no value of its kind starts at byte {0}, after one that ends at {1}':
    'ningún valor de su tipo comienza en el byte {0}, después de uno que termina en {1}',
  'it has {0} columns, and not {1}': 'tiene {0} columnas, y no {1}',
  'after the last value, {0} bytes are left over': 'después del último valor sobran {0} bytes',
  'a value is missing at the end of a tuple': 'falta un valor al final de una tupla',
  'a value of {0} bytes is shorter than its header': 'un valor de {0} bytes es más corto que su encabezado',
  'unknown kind of TOAST pointer': 'tipo desconocido de puntero TOAST',
  'unknown compression method {0}': 'método de compresión desconocido {0}',
  'a value lies in a TOAST table that is not at hand': 'un valor está en una tabla TOAST que no se tiene',
  'TOAST value {0} is not there': 'no está el valor TOAST {0}',
  'a TOAST chunk without a number': 'un trozo TOAST sin número',
  'a TOAST chunk without plain data': 'un trozo TOAST sin datos simples',
  'chunk {0} of TOAST value {1} is not there': 'no está el trozo {0} del valor TOAST {1}',
  'TOAST value {0} is longer than its pointer says':
    'el valor TOAST {0} es más largo de lo que dice su puntero',
  'block reference {0} has no full-page image':
    'la referencia de bloque {0} no tiene imagen de página completa',
  'the full-page image of block reference {0} does not fill a page: {1} bytes and a hole of {2} at {3}':
    'la imagen de página completa de la referencia de bloque {0} no llena una página: {1} bytes y un agujero de {2} en {3}',
  'an array of {0} dimensions': 'un array de {0} dimensiones',
  'an array of {0} elements': 'un array de {0} elementos',
  'a value is nested too deeply': 'un valor está anidado demasiado profundamente',
  'a jsonpath of the unknown format {0}': 'un jsonpath del formato desconocido {0}',
  'a jsonpath goes round in circles': 'un jsonpath da vueltas en círculo',
  'a jsonpath refers to something before itself': 'un jsonpath se refiere a algo anterior a sí mismo',
  'a jsonpath lacks an operand': 'a un jsonpath le falta un operando',
  'a jsonpath is nested too deeply to be read':
    'un jsonpath está anidado demasiado profundamente para leerlo',
  'a jsonpath item of the unknown kind {0}': 'un elemento de jsonpath del tipo desconocido {0}',
  'a jsonpath of {0} subscripts': 'un jsonpath de {0} subíndices',
  'a jsonb element of the unknown kind {0}': 'un elemento de jsonb del tipo desconocido {0}',
  'no statistics of that kind': 'ninguna estadística de ese tipo',
  'a summary of {0} ranges and {1} values': 'un resumen de {0} rangos y {1} valores',
  'a tsquery lacks an operand': 'a un tsquery le falta un operando',
  'unknown tsquery operator {0}': 'operador de tsquery desconocido {0}',

  // repositories of backup tools
  'the backup {0} of {1} builds on {2}, which {3}': 'el respaldo {0} de {1} se basa en {2}, que {3}',
  '{0} is no backup.info of Barman: {1}': '{0} no es un backup.info de Barman: {1}',
  'the backup {0} has no backup.info, without which Barman does not restore it: bring that back into {1}, give a copy of the data folder from elsewhere, or choose another backup':
    'el respaldo {0} no tiene backup.info, sin el cual Barman no lo restaura: devuélvalo a {1}, indique una copia del directorio de datos de otro lugar, o elija otro respaldo',
  'Barman calls the backup {0} {1}{2} in {3}, and does not restore it; choose another one':
    'Barman llama al respaldo {0} {1}{2} en {3}, y no lo restaura; elija otro',
  "the backup {0} is snapshots of the server's disks ({1}), which are not in the repository: restore it with Barman and give the data folder, or choose another one":
    'el respaldo {0} consta de instantáneas de los discos del servidor ({1}), que no están en el repositorio: restáurelo con Barman e indique el directorio de datos, o elija otro',
  'the backup {0} is encrypted with {1}, which walscan cannot open: restore it with Barman, or decrypt its files with gpg --decrypt, and give the result':
    'el respaldo {0} está cifrado con {1}, que walscan no puede abrir: restáurelo con Barman, o descifre sus archivos con gpg --decrypt, e indique el resultado',
  'the backup {0} builds on {1}, which is not in {2}: it is of no use without':
    'el respaldo {0} se basa en {1}, que no está en {2}: sin él no sirve',
  '{0} is compressed in a way that walscan does not know: restore the backup with barman-cloud-restore, and give the result':
    '{0} está comprimido de un modo que walscan no conoce: restaure el respaldo con barman-cloud-restore, e indique el resultado',
  'the backup {0} lacks the tablespace {1} ({2}), which {3} tells of: its tables cannot be had from this backup; choose another one':
    'al respaldo {0} le falta el tablespace {1} ({2}), que {3} menciona: sus tablas no se pueden obtener de este respaldo; elija otro',
  'the files of the backup {0} are not there: neither a data folder nor data.tar is there of what {1} tells; choose another one':
    'los archivos del respaldo {0} no están: de lo que dice {1} no hay ni directorio de datos ni data.tar; elija otro',
  'its block map is damaged: {0}': 'su mapa de bloques está dañado: {0}',
  'it is damaged where it is encrypted: {0}': 'está dañado donde está cifrado: {0}',
  '{0} cannot be deciphered: {1}': 'no se puede descifrar {0}: {1}',
  '{0} cannot be used: {1}': 'no se puede usar {0}: {1}',
  '{0} is encrypted by pgBackRest (aes-256-cbc): give the passphrase of the repository (repo1-cipher-pass) with --cipher-pass-file or in PGBACKREST_REPO1_CIPHER_PASS; the tool itself gets one file out by pgbackrest --stanza={1} repo-get {2}':
    '{0} está cifrado por pgBackRest (aes-256-cbc): indique la contraseña del repositorio (repo1-cipher-pass) con --cipher-pass-file o en PGBACKREST_REPO1_CIPHER_PASS; la propia herramienta extrae un archivo con pgbackrest --stanza={1} repo-get {2}',
  'the passphrase does not open {0}: it is that of another repository, or the file is damaged':
    'la contraseña no abre {0}: es la de otro repositorio, o el archivo está dañado',
  '{0} tells of more than {1} files, and no more fit into memory: restore the backup by pgbackrest restore, and give the data folder':
    '{0} nombra más de {1} archivos, y no caben más en la memoria: restaure el respaldo con pgbackrest restore, e indique el directorio de datos',
  '{0}; the backups are told by their own manifests instead':
    '{0}; en su lugar, los respaldos se conocen por sus propios manifiestos',
  'the backup {0} was not finished: {1} has no {2}': 'el respaldo {0} no se terminó: {1} no tiene {2}',
  '{0} ({1}) has {2} whose checksums were wrong in the cluster already when pgBackRest copied it, as its manifest says':
    '{0} ({1}) tiene {2} cuyas sumas de verificación ya eran incorrectas en el clúster cuando pgBackRest lo copió, como dice su manifiesto',
  'the backup {0} is not there any more: {1} is missing': 'el respaldo {0} ya no está: falta {1}',
  'the backup {0} builds on {1}, and {2} is missing': 'el respaldo {0} se basa en {1}, y falta {2}',
  '{0} is damaged: {1}': '{0} está dañado: {1}',
  '{0} is missing: by its manifest the backup has {1} in it':
    'falta {0}: según su manifiesto el respaldo tiene {1} en él',
  '{0} is cut off: it ends after {1} bytes, and what is wanted of it is at {2} to {3}':
    '{0} está cortado: termina tras {1} bytes, y lo que se busca de él está en {2} a {3}',
  'the backup {0} has no {1}{2} beside it: it has failed, or is still being taken; choose another one':
    'el respaldo {0} no tiene {1}{2} junto a él: falló, o aún se está tomando; elija otro',
  'the files of the backup {0} are not there: beside {1} there is no folder {2}':
    'los archivos del respaldo {0} no están: junto a {1} no hay ningún directorio {2}',
  '{0}/{1} does not list the files of the backup {2}: what of the backup that it builds on belongs to it is not known':
    '{0}/{1} no lista los archivos del respaldo {2}: no se sabe qué le pertenece del respaldo en el que se basa',
  'the backup {0} builds on another {1} than {2} has: that one began elsewhere in the WAL':
    'el respaldo {0} se basa en otro {1} que el que tiene {2}: ese comenzó en otro lugar del WAL',
  'the files of the backup {0} are not there: {1} has no folder {2}':
    'los archivos del respaldo {0} no están: {1} no tiene ningún directorio {2}',
  '{0} is encrypted {1}: walscan does not open what WAL-G encrypts; get it with WAL-G: {2}':
    '{0} está cifrado {1}: walscan no abre lo que cifra WAL-G; obténgalo con WAL-G: {2}',
  '{0} is compressed in a way that walscan does not know; restore it with WAL-G: {1}':
    '{0} está comprimido de un modo que walscan no conoce; restáurelo con WAL-G: {1}',
  '{0} tells of more files than fit into memory{1}':
    '{0} nombra más archivos de los que caben en la memoria{1}',
  '{0} is none that WAL-G writes: {1}': '{0} no es de los que escribe WAL-G: {1}',

  // settings and logs
  '--log-line-prefix goes with --log only': '--log-line-prefix solo se usa con --log',
  '{0} ({1} to {2})': '{0} ({1} a {2})',
  'the lines of {0} begin as log_line_prefix says, which is not known: give it with --log-line-prefix, as "SHOW log_line_prefix" tells it':
    'las líneas de {0} comienzan como dice log_line_prefix, que no se conoce: indíquelo con --log-line-prefix, como lo muestra «SHOW log_line_prefix»',
  'no line of {0} begins as the log_line_prefix that was given says':
    'ninguna línea de {0} comienza como dice el log_line_prefix indicado',
  '{0} is no log of a server: neither stderr nor csvlog nor jsonlog':
    '{0} no es el log de un servidor: ni stderr, ni csvlog, ni jsonlog',
  '{0}: "{1}" is no time zone: set it to one such as Europe/Madrid':
    '{0}: «{1}» no es un huso horario: indique uno como Europe/Madrid',
  'line {0}: {1}': 'línea {0}: {1}',
  'there is no setting "{0}": there are archive, backup, tz and database':
    'no existe el parámetro «{0}»: existen archive, backup, tz y database',
  '"{0}" has to be a text: {1} = "…"': "«{0}» debe ser un texto: {1} = '…'",
  '"archive" has to be a path or a list of paths: archive = ["…", "…"]':
    "«archive» debe ser una ruta o una lista de rutas: archive = ['…', '…']",
  'it is too long for a config file': 'es demasiado largo para un archivo de configuración',
  'the log has times in the zone "{0}", which is none that is known here, or means several: what it has of those times is left out; --tz with the name of the server\'s log_timezone tells it':
    'el log tiene horas en el huso horario «{0}», que no se conoce aquí, o significa varios: se omite lo que tiene de esas horas; indíquelo con --tz y el nombre de log_timezone del servidor',
  'a FIFO': 'un FIFO',
  'a socket': 'un socket',
  'a device': 'un dispositivo',
  'no such file or folder; check the path': 'no existe tal archivo o directorio; revise la ruta',
  'permission denied; run walscan as a user who may read it':
    'permiso denegado; ejecute walscan como un usuario que pueda leerlo',
  'it is a folder': 'es un directorio',
  'this WAL segment': 'este segmento de WAL',
  'the backup {0} needs the WAL from {1} to {2} of timeline {3}':
    'el respaldo {0} necesita el WAL de {1} a {2} de la línea de tiempo {3}',
  '{0}; get these segments from another copy of the archive':
    '{0}; obtenga estos segmentos de otra copia del archivador',
  '{0}; it lies between two base backups, as a retention policy leaves it: if that is so, use --retention':
    '{0}; está entre dos respaldos base, como lo deja una política de retención: si es así, use --retention',
  ' (and {0} more)': ' (y {0} más)',
  'WAL of another place': 'WAL de otro lugar',
  'segment {0}, which is missing': 'el segmento {0}, que falta',
  'nothing but zeroes': 'solo ceros',
  'nothing yet': 'nada todavía',
  'transaction {0} is a subtransaction of {1} and ends with that: ask {2} {3}':
    'la transacción {0} es una subtransacción de {1} y termina con ella: pregunte {2} {3}',
  'transaction {0} never ended: a promotion cut it off before {1}, and so it was rolled back and changed nothing':
    'la transacción {0} no terminó nunca: una promoción la interrumpió antes de {1}, y por eso se abortó y no cambió nada',
  'transaction {0} never ended: a restart, as after a crash, cut it off before {1}, and so it was rolled back and changed nothing':
    'la transacción {0} no terminó nunca: un reinicio, como tras una caída, la interrumpió antes de {1}, y por eso se abortó y no cambió nada',
  'transaction {0} was prepared at {1}, and the WAL given has neither COMMIT PREPARED nor ROLLBACK PREPARED of it: it has not changed anything yet':
    'la transacción {0} se preparó en {1}, y el WAL indicado no tiene ni su COMMIT PREPARED ni su ROLLBACK PREPARED: aún no ha cambiado nada',
  'transaction {0} still ran where the WAL given ends: it began at {1}, and there is no end of it; {2}':
    'la transacción {0} seguía en curso donde termina el WAL indicado: comenzó en {1}, y no tiene fin; {2}',
  'transaction {0} has no record in the WAL given and is older than it: give the WAL of when it ran, and a backup of before that':
    'la transacción {0} no tiene ningún registro en el WAL indicado y es más antigua que él: indique el WAL de cuando se ejecutó, y un respaldo anterior',
  'transaction {0} wrote nothing into the WAL given: it changed no row':
    'la transacción {0} no escribió nada en el WAL indicado: no cambió ninguna fila',
  'transaction {0} has no record in the WAL given, at whose end the next transaction to begin is {1}: it ran later, or never; check the id, or give the WAL that follows':
    'la transacción {0} no tiene ningún registro en el WAL indicado, a cuyo fin la siguiente transacción por comenzar es {1}: se ejecutó después, o nunca; revise el id, o indique el WAL que sigue',
  'transaction {0} has no record in the WAL given: it ran before that or later, or never':
    'la transacción {0} no tiene ningún registro en el WAL indicado: se ejecutó antes o después, o nunca',
  '{0} is a temporary table: neither WAL nor base backups have its rows':
    '{0} es una tabla temporal: ni el WAL ni los respaldos base tienen sus filas',
  'the WAL given says no more of that relation than that transaction {0} dropped the database of it at {1}, and has none of its rows: they are in a base backup of before that, if anywhere':
    'el WAL indicado no dice de esa relación más que la transacción {0} eliminó su base de datos en {1}, y no tiene ninguna de sus filas: estarán, si acaso, en un respaldo base anterior',
  'the history of timeline {0} says that it left timeline {1} at {2}':
    'la historia de la línea de tiempo {0} dice que dejó la línea de tiempo {1} en {2}',
  'the page at {0} is of timeline {1} already': 'la página en {0} ya es de la línea de tiempo {1}',
  'the page at {0} is of an older timeline still':
    'la página en {0} es aún de una línea de tiempo más antigua',
  'the record at {0} begins timeline {1} as a child of {2}':
    'el registro en {0} comienza la línea de tiempo {1} como hija de {2}',
  'of {0}': 'de {0}',
  'the base backup {0} needs {1}, which is missing: it cannot be restored':
    'el respaldo base {0} necesita {1}, que falta: no se puede restaurar',
  'the base backup {0} needs WAL from {1} on, and its end is not in the WAL that is here: it cannot be restored':
    'el respaldo base {0} necesita WAL a partir de {1}, y su fin no está en el WAL que hay: no se puede restaurar',
  'there is no backup in {0} that could be restored': 'no hay en {0} ningún respaldo que se pueda restaurar',
  'there are several clusters in what was given': 'hay varios clústeres en lo indicado',
  'give one of these paths, or a backup of one by its name':
    'indique una de estas rutas, o un respaldo de una por su nombre',
  'several clusters have a backup {0}': 'varios clústeres tienen un respaldo {0}',
  'give the path of one of them': 'indique la ruta de uno de ellos',
  'a version that is not known': 'una versión que no se conoce',
  '{0} ({1}, system identifier {2})': '{0} ({1}, identificador de sistema {2})',
  'the names of relations are not all known: {0}': 'no se conocen todos los nombres de las relaciones: {0}',
  'the names of relations on timeline {0} are not known: {1}':
    'no se conocen los nombres de las relaciones en la línea de tiempo {0}: {1}',
  'segment {0} belongs to another timeline {1}, {2}{3}: {4}':
    'el segmento {0} es de otra línea de tiempo {1}, {2}{3}: {4}',
  'segments {0} to {1} belong to another timeline {2}, {3}{4}: {5}':
    'los segmentos {0} a {1} son de otra línea de tiempo {2}, {3}{4}: {5}',
  'which began at {0} on timeline {1}': 'que comenzó en {0} de la línea de tiempo {1}',
  'which began in {0}': 'que comenzó en {0}',
  'for its WAL does not go on where the segment before it ends':
    'pues su WAL no continúa donde termina el segmento anterior',
  'which began before {0}': 'que comenzó antes de {0}',
  '; other segments here are not of the same one, and no history file tells which is the right one':
    '; otros segmentos de aquí no son de la misma, y ningún archivo de historia dice cuál es la correcta',
  '; the one of {0} began at {1}': '; la de {0} comenzó en {1}',
  'several servers or restores have archived here, keep their files apart':
    'aquí han archivado varios servidores o restauraciones, mantenga separados sus archivos',
  'find out which of the two is of this cluster': 'averigüe cuál de las dos es de este clúster',
  'No such file or directory': 'No existe el archivo o el directorio',
  'Permission denied': 'Permiso denegado',
  'Not a directory': 'No es un directorio',
  'Is a directory': 'Es un directorio',
  'No space left on device': 'No queda espacio en el dispositivo',
  'Disk quota exceeded': 'Se ha excedido la cuota de disco',
  'File too large': 'El archivo es demasiado grande',
  'Input/output error': 'Error de entrada/salida',
  'Bad file descriptor': 'Descriptor de archivo erróneo',
  'Read-only file system': 'Sistema de archivos de solo lectura',
  'Operation not permitted': 'Operación no permitida',
  'Too many open files': 'Demasiados archivos abiertos',
  'Too many open files in system': 'Demasiados archivos abiertos en el sistema',
  'one of {0}': 'uno de {0}',
  'it is no time zone: give one such as Europe/Madrid':
    'no es un huso horario: indique uno como Europe/Madrid',
  'give one relation only': 'indique una sola relación',
  'it is no LSN: give one such as 0/04000680': 'no es un LSN: indique uno como 0/04000680',
  'it is no whole number of 1 or more: give one such as 4':
    'no es un número entero de 1 o más: indique uno como 4',
  'it is no transaction id: give a number such as 756':
    'no es un id de transacción: indique un número como 756',
  'segment {0} is missing': 'falta el segmento {0}',
  '{0} segments are missing, {1} to {2}': 'faltan {0} segmentos, {1} a {2}',
  'the names of relations are those of before: {0}': 'los nombres de las relaciones son los de antes: {0}',
  'the names of relations may be wrong: {0}': 'los nombres de las relaciones pueden ser erróneos: {0}',
  '--log tells who did transactions, for which there is no place with --order lsn or --format csv':
    '--log dice quién hizo las transacciones, para lo cual no hay lugar con --order lsn o --format csv',
  '--end {0} has to be after --start {1}': '--end {0} debe ser posterior a --start {1}',
  '--table needs --database: the name of the database that the table is in':
    '--table requiere --database: el nombre de la base de datos en la que está la tabla',
  'there is no WAL of timeline {0}, only of {1}; give one of these by --timeline':
    'no hay WAL de la línea de tiempo {0}, solo de {1}; indique una de estas con --timeline',
  'the WAL given goes from {0} to {1}': 'el WAL indicado va de {0} a {1}',
  '{0} (transaction {1} at {2})': '{0} (transacción {1} en {2})',
  'the WAL given goes from {0} to {1}; transactions ended in it from {2} to {3}':
    'el WAL indicado va de {0} a {1}; en él terminaron transacciones de {2} a {3}',
  'the WAL does not reach {0}: {1}': 'el WAL no alcanza {0}: {1}',
  'there is none': 'no hay ninguno',
  'it ends at {0}': 'termina en {0}',
  'it ends at {0}, and the last transaction in it at {1}': 'termina en {0}, y su última transacción en {1}',
  '{0}; give the WAL that follows': '{0}; indique el WAL que sigue',
  '{0}; there is no restore point in it': '{0}; no contiene ningún punto de recuperación',
  '{0}; the restore points in it, the most alike first: {1}':
    '{0}; los puntos de recuperación que contiene, primero los más parecidos: {1}',
  'the backup {0} and the WAL are of different clusters: system identifier {1} and {2}; give a backup of the cluster that the WAL is of':
    'el respaldo {0} y el WAL son de clústeres diferentes: identificador de sistema {1} y {2}; indique un respaldo del clúster del que es el WAL',
  '{0}; the most alike of those that there are: {1}': '{0}; lo más parecido que hay: {1}',
  'cannot read {0}: no such file or folder; check the path':
    'no se puede leer {0}: no existe tal archivo o directorio; revise la ruta',
  'there is no WAL segment in {0}; give pg_wal, the folder that archive_command fills, or a repository of a backup tool':
    'no hay ningún segmento de WAL en {0}; indique pg_wal, el directorio que llena archive_command, o un repositorio de una herramienta de respaldo',
  '{0} has only {1} bytes, too few for the header of a WAL segment; take another copy of it':
    '{0} tiene solo {1} bytes, muy pocos para el encabezado de un segmento de WAL; use otra copia',
  '{0} does not begin with a WAL page (magic {1}); give WAL segments, compressed or not, as archive_command gets them':
    '{0} no comienza con una página de WAL (magic {1}); indique segmentos de WAL, comprimidos o no, como los recibe archive_command',
  '{0} does not begin with the first page of a WAL segment; take another copy of it':
    '{0} no comienza con la primera página de un segmento de WAL; use otra copia',
  'more than {0} transactions are too many to look up in logs: say which, by their ids, their times or their places in the WAL':
    'más de {0} transacciones son demasiadas para buscarlas en logs: diga cuáles, por sus ids, sus horas o sus lugares en el WAL',
  'without a backup, the table and its columns have to be given: --rel 16386 --columns "id int4, name text"; or give --backup, which tells them':
    "sin un respaldo, hay que indicar la tabla y sus columnas: --rel 16386 --columns 'id int4, name text'; o indique --backup, que las da",
  "no table has that file at that moment: SELECT pg_relation_filenode('table') tells the one of now; or give the table by --table and --database":
    "ninguna tabla tiene ese archivo en ese momento: SELECT pg_relation_filenode('tabla') da el actual; o indique la tabla con --table y --database",
  "no table has or had that file: SELECT pg_relation_filenode('table') tells the one of now; or give the table by --table and --database":
    "ninguna tabla tiene ni tuvo ese archivo: SELECT pg_relation_filenode('tabla') da el actual; o indique la tabla con --table y --database",
};
