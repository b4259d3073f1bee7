import type { Catalog } from './catalog.js';

/** What commands answer, and say beside their answers. */
export const answers: Catalog = {
  // of several commands
  '{0} segment': ['{0} segmento', '{0} segmentos', '{0} de segmentos'],
  '{0} row': ['{0} fila', '{0} filas', '{0} de filas'],
  '{0} record': ['{0} registro', '{0} registros', '{0} de registros'],
  '{0} problem': ['{0} problema', '{0} problemas', '{0} de problemas'],
  '{0} commit': [
    '{0} transacción comprometida',
    '{0} transacciones comprometidas',
    '{0} de transacciones comprometidas',
  ],
  '{0} file': ['{0} archivo', '{0} archivos', '{0} de archivos'],
  'timeline {1}': ['la línea de tiempo {1}', 'las líneas de tiempo {1}'],
  'the last one so far: {0}, committed {1}, transaction {2}, at {3}':
    'lo último hasta ahora: {0}, transacción {2}, comprometida el {1}, en {3}',
  'DELETE of {0} row of {1}': [
    'DELETE de {0} fila de {1}',
    'DELETE de {0} filas de {1}',
    'DELETE de {0} de filas de {1}',
  ],
  'UPDATE of {0} row of {1}': [
    'UPDATE de {0} fila de {1}',
    'UPDATE de {0} filas de {1}',
    'UPDATE de {0} de filas de {1}',
  ],
  'file of {0} removed': 'se borró el archivo de {0}',
  'a column of {0} dropped': 'se eliminó una columna de {0}',
  'a database dropped': 'se eliminó una base de datos',
  'and {0} more': 'y {0} más',
  'and {0} older one': ['y {0} anterior', 'y {0} anteriores'],
  '{0} and {1} more': '{0} y {1} más',
  '{0} and {1}': '{0} y {1}',
  '{0} of {1}': '{0} de {1}',
  '{0} in {1}': '{0} en {1}',
  '{0} to {1}': '{0} a {1}',
  '{0}, {1} to {2}': '{0}, {1} a {2}',
  ', {0} to {1}': ', {0} a {1}',
  '{0} to {1}, {2}': '{0} a {1}, {2}',
  '{0}: {1}, {2} to {3}': '{0}: {1}, {2} a {3}',
  '{0}, at {1}': '{0}, en {1}',
  none: 'ninguno',
  'PostgreSQL {0}, system identifier {1}': 'PostgreSQL {0}, identificador de sistema {1}',
  'Backup: {0} of {1}': 'Respaldo: {0} de {1}',
  'Problem: {0}': 'Problema: {0}',
  'Problem at {0}: {1}': 'Problema en {0}: {1}',
  'It is an unlogged table: no recovery brings its rows back, for neither WAL nor base backups have them.':
    'Es una tabla «unlogged»: ninguna recuperación devuelve sus filas, pues ni el WAL ni los respaldos base las tienen.',
  'This WAL does not tell whether it is an unlogged table; if it is, no recovery brings its rows back.':
    'Este WAL no dice si es una tabla «unlogged»; si lo es, ninguna recuperación devuelve sus filas.',

  // what a transaction did
  dropped: 'eliminó',
  truncated: 'truncó',
  'dropped or truncated': 'eliminó o truncó',
  rewrote: 'reescribió',
  'dropped, truncated or rewrote': 'eliminó, truncó o reescribió',
  'dropped database {0}': 'eliminó la base de datos {0}',
  'deleted {0}': 'eliminó {0}',
  'updated {0}': 'actualizó {0}',
  'dropped column {1}': ['eliminó la columna {1}', 'eliminó las columnas {1}'],

  // find-commit
  'no record in them': 'no hay ningún registro en ellos',
  'No change to relation {0} in this WAL.': 'No hay ningún cambio de la relación {0} en este WAL.',
  'It came in the place of {0}, which tells what the table lost before: --rel {1}':
    'Ocupó el lugar de {0}, que dice lo que la tabla perdió antes: --rel {1}',
  'Relation {0} on timeline {1}': 'Relación {0} en la línea de tiempo {1}',
  'Last INSERT': 'Último INSERT',
  'Last DELETE': 'Último DELETE',
  Removed: 'Eliminada',
  Database: 'Base de datos',
  'Not ended': 'Sin terminar',
  'committed {0}, transaction {1}, at {2}': 'comprometida el {0}, transacción {1}, en {2}',
  '{0}, block {1} offset {2}; {3} by its transaction': '{0}, bloque {1} posición {2}; {3} de su transacción',
  'by {0}': 'por {0}',
  'by {0}; the table goes on as {1}': 'por {0}; la tabla continúa como {1}',
  'DROP or TRUNCATE: its transaction did both to tables':
    'DROP o TRUNCATE: su transacción ejecutó los dos en tablas',
  'a rewrite (VACUUM FULL, ALTER TABLE …)': 'una reescritura (VACUUM FULL, ALTER TABLE …)',
  'DROP, TRUNCATE or a rewrite (VACUUM FULL, ALTER TABLE …): this WAL does not tell which':
    'DROP, TRUNCATE o una reescritura (VACUUM FULL, ALTER TABLE …): este WAL no dice cuál',
  'dropped; to have it, recover to before {0}: walscan plan --lsn {1} --exclusive':
    'eliminada; para tenerla, recupere hasta antes de {0}: walscan plan --lsn {1} --exclusive',
  'transaction {0} from {1} on is prepared: {2}': 'la transacción {0}, desde {1}, está preparada: {2}',
  'transaction {0} from {1} on has no end in this WAL: {2}':
    'la transacción {0}, desde {1}, no termina en este WAL: {2}',
  '{0} inserted': ['{0} insertada', '{0} insertadas'],
  '{0} updated': ['{0} actualizada', '{0} actualizadas'],
  '{0} deleted': ['{0} eliminada', '{0} eliminadas'],
  '{0} moved': ['{0} trasladada', '{0} trasladadas'],
  'Transactions that changed rows: {0}': 'Transacciones que cambiaron filas: {0}',
  '{0} committed': ['{0} comprometida', '{0} comprometidas'],
  '{0} aborted': ['{0} abortada', '{0} abortadas'],
  '{0} prepared': ['{0} preparada', '{0} preparadas'],
  '{0} in-progress': ['{0} en curso', '{0} en curso'],
  'To recover to right before transaction {0}, put the timeline and one of these pairs into\npostgresql.auto.conf, beside your restore_command, and an empty recovery.signal into the data folder:':
    'Para recuperar hasta justo antes de la transacción {0}, ponga la línea de tiempo y uno de estos pares en\npostgresql.auto.conf, junto a su restore_command, y un recovery.signal vacío en el directorio de datos:',
  'To recover to right before transaction {0}, put the timeline and one of these pairs into\nrecovery.conf in the data folder, beside your restore_command:':
    'Para recuperar hasta justo antes de la transacción {0}, ponga la línea de tiempo y uno de estos pares en\nel recovery.conf del directorio de datos, junto a su restore_command:',
  'no recovery_target_time: {0}': 'sin recovery_target_time: {0}',
  "the commit's time, {0}, is no date that can be set":
    'la hora del COMMIT, {0}, no es una fecha que se pueda indicar',
  'transaction {0} comes before {1} in the WAL ({2}) with the same time, {3}: recovery to any time that spares transaction {4} would stop there already':
    'la transacción {0} precede a {1} en el WAL ({2}) con la misma hora, {3}: la recuperación hasta cualquier hora que evite la transacción {4} se detendría ya ahí',
  'transaction {0} comes before {1} in the WAL ({2}) with a later time, {3}: recovery to any time that spares transaction {4} would stop there already':
    'la transacción {0} precede a {1} en el WAL ({2}) con una hora posterior, {3}: la recuperación hasta cualquier hora que evite la transacción {4} se detendría ya ahí',
  'Where transaction {0} found the table empty, recover to right before the last DELETE, of transaction {1}:':
    'Si la transacción {0} encontró la tabla vacía, recupere hasta justo antes del último DELETE, de la transacción {1}:',
  'Rows that came after that may be lost by transaction {0}. To recover to right before that one:':
    'La transacción {0} puede haber perdido filas que llegaron después. Para recuperar hasta justo antes de ella:',
  'Or take back all that it changed, on the running server, with the SQL that this prints:':
    'O deshaga todo lo que cambió, en el servidor en marcha, con el SQL que muestra esta orden:',

  // incidents
  'Read {0} segment of {1}': [
    'Se leyó {0} segmento de {1}',
    'Se leyeron {0} segmentos de {1}',
    'Se leyeron {0} de segmentos de {1}',
  ],
  'transaction {0}, committed at {1}, {2}': 'transacción {0}, comprometida en {1} de {2}',
  'No such transaction in this WAL: none changed so many rows of one table (--min-rows, {0} unless given), and none dropped or truncated one.':
    'No hay ninguna transacción así en este WAL: ninguna cambió tantas filas de una tabla (--min-rows, {0} si no se da), y ninguna eliminó ni truncó una.',
  '{0}: see --limit, --since, --until and --min-rows': '{0}: vea --limit, --since, --until y --min-rows',
  '{0}, which may be the TOAST table of {1}': '{0}, que puede ser la tabla TOAST de {1}',
  '{0} files in all, of which {1} may be of other tables':
    '{0} archivos en total, de los cuales pueden ser de otras tablas: {1}',
  '{0} files in all': '{0} archivos en total',

  // archive
  'PostgreSQL {0}, system identifier {1}, segments of {2} MiB':
    'PostgreSQL {0}, identificador de sistema {1}, segmentos de {2} MiB',
  'Nothing is missing, as far as names and headers tell.':
    'No falta nada, según los nombres y los encabezados.',
  'Nothing is missing, nothing is damaged.': 'No falta nada, y nada está dañado.',
  'Timeline {0}': 'Línea de tiempo {0}',
  ', from timeline {0} at {1}{2}': ', desde la línea de tiempo {0} en {1}{2}',
  'no segment of its own': 'ningún segmento propio',
  'missing: {0}': 'falta: {0}',
  'the WAL ends at {0}, within {1}': 'el WAL termina en {0}, dentro de {1}',
  'expired: {0}': 'caducado: {0}',
  'retention kept what makes a base backup before it consistent, if there is one: that can be recovered to its own end only':
    'la retención conservó lo que hace consistente un respaldo base anterior, si lo hay: ese solo se puede recuperar hasta su propio fin',
  'Base backups': 'Respaldos base',
  '{0}, timeline {1}': '{0}, línea de tiempo {1}',
  'full backup': 'respaldo completo',
  'differential backup': 'respaldo diferencial',
  'incremental backup': 'respaldo incremental',
  ', builds on {0}': ', basado en {0}',
  '{0} by {1}{2}, of {3}': '{0} de {1}{2}, en {3}',
  '{0} in the repository': '{0} en el repositorio',
  'cannot be restored': 'no se puede restaurar',
  'not verified': 'sin verificar',
  sound: 'íntegro',
  'verified: {0}, {1}, {2}: {3}': 'verificado: {0}, {1}, {2}: {3}',
  'by its {0}': 'por su {0}',
  'all that was read; nothing has checksums of its files':
    'todo se leyó; nada tiene sumas de verificación de sus archivos',
  'all that was read; nothing has checksums of its files, and those of {0} page were looked at': [
    'todo se leyó; nada tiene sumas de verificación de sus archivos, y se miró la de {0} página',
    'todo se leyó; nada tiene sumas de verificación de sus archivos, y se miraron las de {0} páginas',
  ],
  'needs {0}': 'necesita {0}',
  'needs {0} to {1}': 'necesita {0} a {1}',
  'needs {0} and what follows': 'necesita {0} y lo que sigue',
  'all there': 'está todo',
  'not all there': 'no está todo',
  'older than the WAL here': 'más antiguo que el WAL que hay',
  'where the backup ends, nothing here tells': 'nada indica dónde termina el respaldo',
  'In several files': 'En varios archivos',
  Partial: 'Parcial',
  '{0}, the whole one is there': '{0}, el entero está',
  '{0} alone': 'solo {0}',
  'Not archived yet': 'Aún no archivado',
  'Kept for later use, without WAL': 'Guardado para uso posterior, sin WAL',
  recycled: 'reciclado',
  zeroed: 'lleno de ceros',
  empty: 'vacío',

  // archive --at
  'The moment {0}': 'El momento {0}',
  'On {0}: {1}': 'En {0}: {1}',
  '{0} of transaction {1}, {2} ({3})': '{0} de la transacción {1}, {2} ({3})',
  'before it  {0}': 'antes    {0}',
  'after it   {0}': 'después  {0}',
  'recovery to it stops before {0}, in {1}': 'la recuperación hasta él se detiene antes de {0}, en {1}',
  'its WAL is there, in {0}': 'su WAL está, en {0}',
  'WAL is missing: {0}': 'falta WAL: {0}',
  'no transaction here had ended by then': 'ninguna transacción de aquí había terminado entonces',
  'all transactions here had ended by then, the last one in {0}':
    'todas las transacciones de aquí habían terminado entonces, la última en {0}',
  'the clock went back: behind that, one transaction had ended by then, too, and recovery to it loses it': [
    'el reloj retrocedió: más allá, también había terminado entonces una transacción, y la recuperación hasta él la pierde',
    'el reloj retrocedió: más allá, también habían terminado entonces {0} transacciones, y la recuperación hasta él las pierde',
  ],
  'the last   {1}; {2} keeps it': ['la última  {1}; {2} la conserva', 'la última  {1}; {2} las conserva'],

  // facts
  'Facts in {0}: {1} made, {2} replaced, {3} there already':
    'Datos en {0}: hechos, {1}; reemplazados, {2}; ya presentes, {3}',
  '{0} KiB written, with {1} over the end of a segment':
    '{0} KiB escritos, con {1} sobre el fin de un segmento',

  // report
  '{0}, at {1} on timeline {2}': '{0}, en {1} de la línea de tiempo {2}',
  'the last one before ended {0}': 'la última anterior terminó {0}',
  'this WAL has none after': 'este WAL no tiene ninguna posterior',
  'the first one after ended {0}': 'la primera posterior terminó {0}',
  'no transaction ended at these times: {0}': 'ninguna transacción terminó en esas horas: {0}',

  // rows
  '{0} is transaction {1}: the WAL does not tell the epoch':
    '{0} es la transacción {1}: el WAL no indica la época',
  'the rows as they were then': 'las filas tal como eran entonces',
  'transaction {0} {1} of the table; the rows as they were before':
    'la transacción {0} {1} de la tabla; las filas tal como eran antes',
  'to take back all that transaction {0} changed: {1}':
    'para deshacer todo lo que cambió la transacción {0}: {1}',
  'no row is known that transaction {0} took: these are those that transaction {1} did':
    'no se conoce ninguna fila que eliminara la transacción {0}: estas son las que eliminó la transacción {1}',
  '{0} value of column {1} is given as bytes: walscan does not know its type': [
    '{0} valor de la columna {1} se da en bytes: walscan no conoce su tipo',
    '{0} valores de la columna {1} se dan en bytes: walscan no conoce su tipo',
  ],
  'not given, for their values are computed and not stored: {0}':
    'no se dan, pues sus valores se calculan y no se almacenan: {0}',
  'not given, for they are columns of tables that inherit: {0}':
    'no se dan, pues son columnas de tablas que heredan: {0}',
  'without a backup, only rows that the WAL given touches are known':
    'sin un respaldo, solo se conocen las filas que toca el WAL indicado',
  'no row was found': 'no se encontró ninguna fila',
  'transaction {0} deleted no row of the table': 'la transacción {0} no eliminó ninguna fila de la tabla',
  'other reasons, which --json names': 'otros motivos, que indica --json',
  '{0} cannot be given: {1}: {2}': 'es imposible dar {0}: {1}: {2}',

  // changes, undo, sql
  '{0} value could not be told, and are marked': [
    '{0} valor no se pudo conocer, y lleva una marca',
    '{0} valores no se pudieron conocer, y llevan una marca',
  ],
  '{0} change could not be told as SQL': [
    '{0} cambio no se pudo expresar en SQL',
    '{0} cambios no se pudieron expresar en SQL',
  ],
  'what changed in database {0} is left out: ask for it with --database':
    'se omite lo que cambió en la base de datos {0}: pídalo con --database',
  'there is no such change': 'no hay tal cambio',
  'tables without a key are among these, and no backup tells how many equal rows there are: run it once only':
    'entre ellas hay tablas sin llave, y ningún respaldo indica cuántas filas iguales hay: ejecútelo una sola vez',
  '{0} change cannot be taken back: values are not known': [
    '{0} cambio no se puede deshacer: no se conocen los valores',
    '{0} cambios no se pueden deshacer: no se conocen los valores',
  ],
  'there is nothing to undo': 'no hay nada que deshacer',
  '{0} row restored, {1} changed back, {2} removed, {3} changed later as well, {4} unknown': [
    'filas restauradas: {0}, devueltas a su valor: {1}, quitadas: {2}, cambiadas también después: {3}, desconocidas: {4}',
    'filas restauradas: {0}, devueltas a su valor: {1}, quitadas: {2}, cambiadas también después: {3}, desconocidas: {4}',
  ],
  '{0}: made again, {1}': '{0}: creada de nuevo, {1}',
  'Takes back what these transactions changed:': 'Deshace lo que cambiaron estas transacciones:',
  '{0}, committed at {1}, {2}': '{0}, comprometida en {1}, {2}',
  'A row is touched only where it still is what these transactions left.':
    'Una fila se toca solo si sigue siendo lo que dejaron estas transacciones.',
  'Triggers of the tables fire, and foreign keys are checked, as for any other change.':
    'Los disparadores de las tablas se ejecutan, y las llaves foráneas se verifican, como con cualquier otro cambio.',
  'A superuser can switch both off for this transaction with the line about session_replication_role, and answers for the foreign keys then.':
    'Un superusuario puede desactivar ambas cosas en esta transacción con la línea de session_replication_role, y entonces responde él de las llaves foráneas.',
  'All of it is one transaction. Run a second time, it changes nothing.':
    'Todo es una sola transacción. Si se ejecuta por segunda vez, no cambia nada.',
  'Where one row is in conflict, nothing is changed: each is named in a warning.':
    'Si una fila está en conflicto, no se cambia nada: cada una se nombra en una advertencia (WARNING).',
  'Rows in conflict are left as they are: each is named in a warning, and in the list at the end.':
    'Las filas en conflicto se dejan como están: cada una se nombra en una advertencia (WARNING), y en la lista del final.',
  'not taken back: {0}': 'no se deshace: {0}',
  'not taken back: {0} more': 'no se deshace: {0} más',
  '{0} problem with the WAL: see the table problems': [
    '{0} problema con el WAL: vea la tabla problems',
    '{0} problemas con el WAL: vea la tabla problems',
  ],

  // progress
  '{0}: {1} MiB in {2} s': '{0}: {1} MiB en {2} s',
  'in all {0} s': 'en total {0} s',
  '{0}: {1} of {2} MiB': '{0}: {1} de {2} MiB',
  '{0} {bar} {value} of {total} MiB, {rate} MiB/s, {left} left':
    '{0} {bar} {value} de {total} MiB, {rate} MiB/s, faltan {left}',
  '{0}: {value} MiB, {rate} MiB/s': '{0}: {value} MiB, {rate} MiB/s',
  inventory: 'inventario',
  names: 'nombres',
  search: 'búsqueda',
  replay: 'aplicación',
  verify: 'verificación',
  wal: 'WAL',
  logs: 'logs',
  '{0}: {1} MiB': '{0}: {1} MiB',

  // plan
  Backup: 'Respaldo',
  Taken: 'Tomado',
  'PostgreSQL {0}, {1}, timeline {2}{3}': 'PostgreSQL {0}, {1}, línea de tiempo {2}{3}',
  'recovery goes on to timeline {0}': 'la recuperación continúa en la línea de tiempo {0}',
  'Left out': 'Omitido',
  '{0} of another cluster, of system identifier {1}': '{0} de otro clúster, con identificador de sistema {1}',
  Target: 'Destino',
  'transaction {0}: the server does not look at the epoch of {1}':
    'transacción {0}: el servidor no mira la época de {1}',
  Table: 'Tabla',
  "it is the server's default, and has no such commit: this plan is for timeline {0}, as --timeline {1} is":
    'es la del servidor por omisión, y no tiene tal COMMIT: este plan es para la línea de tiempo {0}, como con --timeline {1}',
  'there the last such commit is another: {0}; {1} plans for that':
    'ahí el último de esos COMMIT es otro: {0}; {1} hace el plan para él',
  'There may be a later DELETE, DROP or TRUNCATE than the one that this plan spares.':
    'Puede haber un DELETE, DROP o TRUNCATE posterior al que este plan evita.',
  'The end of the WAL can be reached.': 'Se puede alcanzar el fin del WAL.',
  'The target can be reached.': 'Se puede alcanzar el destino.',
  'The target cannot be reached.': 'No se puede alcanzar el destino.',
  'the target cannot be reached: {0}': 'no se puede alcanzar el destino: {0}',
  Why: 'Por qué',
  'The server': 'El servidor',
  'What to do': 'Qué hacer',
  Stops: 'Se detiene',
  before: 'antes de',
  after: 'después de',
  'a record': 'un registro',
  '{0} of transaction {1}': '{0} de la transacción {1}',
  'transaction {0}, {1} ({2})': 'transacción {0}, {1} ({2})',
  'Consistent from': 'Consistencia en',
  never: 'nunca',
  'Last commit kept': 'Conserva hasta',
  'none since the backup began': 'ninguna desde que comenzó el respaldo',
  'First one lost': 'Pierde desde',
  'none in this WAL': 'ninguna en este WAL',
  'Lost in all': 'Pierde en total',
  '{0} committed transaction': [
    '{0} transacción comprometida',
    '{0} transacciones comprometidas',
    '{0} de transacciones comprometidas',
  ],
  'Segments read': 'Segmentos leídos',
  Rename: 'Renombrar',
  'of {0} there is a .partial file only, which will do': 'de {0} solo hay un archivo .partial, que basta',
  'With {0}, where what is in angle brackets is for you to fill in:':
    'Con {0}, donde usted debe completar lo que está entre ángulos:',
  'With {0}:': 'Con {0}:',
  'The server that it makes gets its WAL by this restore_command:':
    'El servidor que crea obtiene su WAL con este restore_command:',
  'It leaves the target to the settings of the server. There either restore_command will do:':
    'Deja el destino a los parámetros del servidor. Ahí sirve cualquiera de los dos restore_command:',
  'Without it, restore the backup in any other way, and then:':
    'Sin esa herramienta, restaure el respaldo de cualquier otra manera, y después:',
  'Put the incremental backup together with those that it builds on first (each tablespace also takes -T <old>=<new>):':
    'Primero combine el respaldo incremental con aquellos en los que se basa (cada tablespace requiere además -T <anterior>=<nuevo>):',
  'Put this into recovery.conf in the restored data folder, in place of what is there, if anything is:':
    'Ponga esto en recovery.conf en el directorio de datos restaurado, en lugar de lo que haya ahí:',
  'Append this to postgresql.auto.conf in the restored data folder, and make an empty file recovery.signal there:':
    'Agregue esto a postgresql.auto.conf en el directorio de datos restaurado, y cree ahí un archivo recovery.signal vacío:',

  // what is left over in the backup
  'What else the backup sets is not known: give its folder or base.tar to have that read.':
    'No se sabe qué más configura el respaldo: indique su directorio o base.tar para que se lea.',
  'The backup has settings of its own that would decide about this recovery:':
    'El respaldo tiene parámetros propios que decidirían sobre esta recuperación:',
  'Before you start, {0}.': 'Antes de iniciar, {0}.',
  'remove standby.signal: with it the server becomes a standby, which waits for more WAL where it should end':
    'quite standby.signal: con él el servidor pasa a ser un standby, que espera más WAL donde debería terminar',
  'remove recovery.conf: since 12 the server does not start with one':
    'quite recovery.conf: desde la versión 12 el servidor no se inicia si lo hay',
  'remove data_directory from {0}: with it the server starts in that folder, and not in the restored one':
    'quite data_directory de {0}: con él el servidor se inicia en ese directorio, y no en el restaurado',
  "set hot_standby = 'on' in {0}: without it the server shuts down at the target instead of pausing":
    "ponga hot_standby = 'on' en {0}: sin él el servidor se apaga en el destino en vez de hacer una pausa",
  'In recovery already, the server archives with what the backup sets: {0}.':
    'Ya durante la recuperación, el servidor archiva con lo que configura el respaldo: {0}.',
  'Once it is open, the server archives with what the backup sets: {0}.':
    'Una vez abierto, el servidor archiva con lo que configura el respaldo: {0}.',
  "For a trial, whose WAL must not get into production's archive, add archive_mode = 'off'.":
    "Para una prueba, cuyo WAL no debe llegar al archivador de producción, agregue archive_mode = 'off'.",

  // what the server needs
  'Up to there an extension writes WAL of its own (resource manager {0}).':
    'Hasta ahí una extensión escribe WAL propio (gestor de recursos {0}).',
  'Have its library in shared_preload_libraries, as production has, or recovery ends there: FATAL "resource manager\nwith ID {0} not registered".':
    'Ponga su biblioteca en shared_preload_libraries, como en producción, o la recuperación termina ahí: FATAL «resource manager\nwith ID {0} not registered».',
  'The server has the tablespaces of the backup in these directories, to which they are linked:':
    'El servidor tiene los tablespaces del respaldo en estos directorios, a los que llevan sus enlaces:',
  "Where production uses them, it writes into production's files. Before you start it, give each a directory of its\nown (in the backup's tablespace_map or, without one, by the link in pg_tblspc), and put the tablespace's files there.":
    'Si producción los usa, escribe en los archivos de producción. Antes de iniciarlo, dé a cada uno un directorio\npropio (en el tablespace_map del respaldo o, si no lo hay, con el enlace en pg_tblspc), y ponga ahí los archivos del tablespace.',
  'Up to there tablespaces are created, and replay makes their files in these directories:':
    'Hasta ahí se crean tablespaces, y la recuperación hace sus archivos en estos directorios:',
  "Where production uses them, the restored server writes into production's files, and may empty them first. Restore it on another\nhost or in a container, with these directories there, empty and the server's own (without them: FATAL); or choose\na target before {0}.":
    'Si producción los usa, el servidor restaurado escribe en los archivos de producción, y puede vaciarlos antes. Restáurelo en otro\nequipo o en un contenedor, con estos directorios presentes, vacíos y propiedad del servidor (sin ellos: FATAL); o elija\nun destino anterior a {0}.',
  "Where production uses them, the restored server writes into production's files. Restore it on another\nhost or in a container, with these directories there, empty and the server's own (without them: FATAL); or choose\na target before {0}.":
    'Si producción los usa, el servidor restaurado escribe en los archivos de producción. Restáurelo en otro\nequipo o en un contenedor, con estos directorios presentes, vacíos y propiedad del servidor (sin ellos: FATAL); o elija\nun destino anterior a {0}.',
  'The server would not pause there: told to, it would open for writing at once.':
    'El servidor no haría una pausa ahí: si se le pide, se abriría de inmediato para escritura.',
  'It answers no queries up to the end of this WAL, because its backup was taken while a transaction with more than 64\nsubtransactions was open. So it is told to shut down at the target.':
    'No responde consultas hasta el fin de este WAL, porque su respaldo se tomó mientras estaba abierta una transacción con más de 64\nsubtransacciones. Por eso se le pide que se apague en el destino.',
  'It answers no queries before {0}, because its backup was taken while a transaction with more than 64\nsubtransactions was open. So it is told to shut down at the target.':
    'No responde consultas antes de {0}, porque su respaldo se tomó mientras estaba abierta una transacción con más de 64\nsubtransacciones. Por eso se le pide que se apague en el destino.',
  'the backup given has no pg_control, which may ask for more':
    'el respaldo indicado no tiene pg_control, que puede pedir más',
  'The server has to have these settings, too, or higher ones in postgresql.conf{0}.':
    'El servidor debe tener también estos parámetros, o valores mayores, en postgresql.conf{0}.',
  'The server has to have these settings, too, or higher ones{0}.':
    'El servidor debe tener también estos parámetros, o valores mayores{0}.',
  'With lower ones {0}.': 'Con valores menores {0}.',
  'it does not start': 'no se inicia',
  'pauses at {0} as if that were the target ({1})':
    'hace una pausa en {0} como si ese fuera el destino ({1})',
  'ends at {0} ({1})': 'termina en {0} ({1})',
  ', or ': ', o ',
  'The server opens when it has read all WAL:': 'El servidor se abre cuando ha leído todo el WAL:',
  'f: it is open': 'f: está abierto',
  'the target': 'el destino',
  'When the server has stopped there, it answers queries and changes nothing yet:':
    'Cuando el servidor se ha detenido ahí, responde consultas y aún no cambia nada:',
  '{0} and {1}: it is at its target. Paused at another LSN: it lacks a setting, and its log says which':
    '{0} y {1}: está en su destino. En pausa en otro LSN: le falta un parámetro, y su log dice cuál',
  'look whether the rows are there; if so, open it for good, on a new timeline:':
    'mire si están las filas; si es así, ábralo definitivamente, en una nueva línea de tiempo:',
  'A SELECT of these tables waits there, for a transaction that has not ended has locked them\n(as DROP, TRUNCATE and ALTER do). To look at them, open the server, or a copy of it:':
    'Un SELECT de estas tablas espera ahí, pues una transacción que no ha terminado las ha bloqueado\n(como hacen DROP, TRUNCATE y ALTER). Para mirarlas, abra el servidor, o una copia de él:',
  'oid {0} of database {1}, by transaction {2}': 'oid {0} de la base de datos {1}, por la transacción {2}',
  'whose end it stops before': 'antes de cuyo fin se detiene',
  'which is prepared: it keeps them until it is ended by ROLLBACK PREPARED':
    'que está preparada: las conserva hasta que se termine con ROLLBACK PREPARED',
  'The server shuts down there, with "shutdown at recovery target" in its log.':
    'El servidor se apaga ahí, con «shutdown at recovery target» en su log.',
  'The server shuts down there after the record that ends at {0}, with "shutdown at recovery target" in its log.':
    'El servidor se apaga ahí, después del registro que termina en {0}, con «shutdown at recovery target» en su log.',
  'Keep a copy of the data folder if you may want another target. To open it, on a new timeline, set':
    'Guarde una copia del directorio de datos si puede querer otro destino. Para abrirlo, en una nueva línea de tiempo, ponga',
  'and start it again.': 'e inícielo de nuevo.',

  // why a target cannot be reached
  "find {0} (the server's pg_wal, another archive, a standby), take a backup that was made after that for a target after that, or choose a target before {1}":
    'busque {0} (en el pg_wal del servidor, en otro archivador, en un standby), use un respaldo hecho después para un destino posterior, o elija un destino anterior a {1}',
  'the WAL cannot be read from {0} on: {1}': 'el WAL no se puede leer a partir de {0}: {1}',
  "get an undamaged copy of that segment (the server's pg_wal, another archive, a standby) or choose a target before {0}":
    'obtenga una copia sin daños de ese segmento (del pg_wal del servidor, de otro archivador, de un standby) o elija un destino anterior a {0}',
  'from {0} on the WAL was written with wal_level=minimal, which leaves changes out':
    'a partir de {0} el WAL se escribió con wal_level=minimal, que omite cambios',
  'take a backup that was made after that, or choose a target before {0}':
    'use un respaldo hecho después, o elija un destino anterior a {0}',
  'the server was stopped or crashed while the backup was taken (its checkpoint is at {0}), so that the backup has no end from which it would be consistent':
    'el servidor se detuvo o cayó mientras se tomaba el respaldo (su punto de control está en {0}), de modo que el respaldo no tiene un fin a partir del cual sería consistente',
  'it stops: PANIC "online backup was canceled, recovery cannot continue"':
    'se detiene: PANIC «online backup was canceled, recovery cannot continue»',
  'take another backup; this one can be recovered to nowhere':
    'use otro respaldo; este no se puede recuperar hasta ningún punto',
  'it refuses to start: FATAL "{0}"': 'se niega a iniciarse: FATAL «{0}»',
  'choose a timeline that goes through the backup (--timeline), or a backup that was taken on this timeline or before it branched off':
    'elija una línea de tiempo que pase por el respaldo (--timeline), o un respaldo tomado en esta línea de tiempo o antes de que se bifurcara',
  'it refuses to start: it takes no WAL of another cluster, and finds no checkpoint to begin with':
    'se niega a iniciarse: no acepta WAL de otro clúster, y no encuentra un punto de control para comenzar',
  'give the WAL archive of the cluster that the backup was taken from':
    'indique el archivador de WAL del clúster del que se tomó el respaldo',
  'pg_resetwal was run after this backup: the WAL from before it ends at {0}, and begins anew at {1} in {2}':
    'después de este respaldo se ejecutó pg_resetwal: el WAL anterior termina en {0}, y comienza de nuevo en {1}, en {2}',
  '{0}; it removed what there was of {1} and not archived': '{0}; eliminó lo que había de {1} sin archivar',
  'take a backup that was made after pg_resetwal, or choose a target before {0}':
    'use un respaldo hecho después de pg_resetwal, o elija un destino anterior a {0}',
  'it does not complain, and stops {0} {1} there': 'no se queja, y ahí se detiene {0} {1}',
  'segment {0} is missing, in which timeline {1} goes on from timeline {2} at {3}':
    'falta el segmento {0}, en el que la línea de tiempo {1} continúa desde la línea de tiempo {2} en {3}',
  'it goes on behind that with the WAL of timeline {0}: {1}':
    'continúa más allá con el WAL de la línea de tiempo {0}: {1}',
  'find {0} (the pg_wal of the server that was promoted, another archive), or recover to timeline {1} if that is what you want (--timeline {2})':
    'busque {0} (en el pg_wal del servidor promovido, en otro archivador), o recupere en la línea de tiempo {1} si es lo que desea (--timeline {2})',
  'it stops when it is to read the file, or shortly before: FATAL "archive file "{0}" has wrong size"':
    'se detiene cuando va a leer el archivo, o poco antes: FATAL «archive file "{0}" has wrong size»',
  "put an undamaged copy in its place (from the server's pg_wal, another archive, a standby), or take it away and choose a target before {0}":
    'ponga en su lugar una copia sin daños (del pg_wal del servidor, de otro archivador, de un standby), o quítelo y elija un destino anterior a {0}',
  'it stops: FATAL "WAL was generated with wal_level=minimal, cannot continue recovering"':
    'se detiene: FATAL «WAL was generated with wal_level=minimal, cannot continue recovering»',
  'it stops: FATAL "hot standby is not possible because wal_level was not set to "replica" or higher"; without hot_standby it goes on, and data are missing':
    'se detiene: FATAL «hot standby is not possible because wal_level was not set to "replica" or higher»; sin hot_standby continúa, y faltan datos',
  'take an older backup': 'use un respaldo más antiguo',
  'take an older backup; this one can be recovered to {0} or {1} at the earliest':
    'use un respaldo más antiguo; este se puede recuperar, como muy pronto, hasta {0} o {1}',
  'the target is too early for this backup: transactions ended after it before the data are consistent{0}':
    'el destino es demasiado temprano para este respaldo: tras él terminaron transacciones antes de que los datos sean consistentes{0}',
  'the target is too early for this backup: it comes before the data are consistent{0}':
    'el destino es demasiado temprano para este respaldo: es anterior a que los datos sean consistentes{0}',
  'it stops: FATAL "requested recovery stop point is before consistent recovery point"':
    'se detiene: FATAL «requested recovery stop point is before consistent recovery point»',
  'the target is before the backup was started{0}, so that the backup holds newer data already':
    'el destino es anterior al inicio del respaldo{0}, de modo que el respaldo ya contiene datos más recientes',
  "it does not complain, and stops {0} {1}, the first possible place after the backup's end, with newer data than were asked for":
    'no se queja, y se detiene {0} {1}, el primer lugar posible después del fin del respaldo, con datos más recientes que los pedidos',
  'no transaction committed after the backup began':
    'ninguna transacción se comprometió después de que comenzara el respaldo',
  'the last commit there is: transaction {0} at {1} ({2})':
    'el último COMMIT que hay: transacción {0}, {1} ({2})',
  'the WAL of timeline {0} ends before the target; {1}':
    'el WAL de la línea de tiempo {0} termina antes del destino; {1}',
  'the WAL of timeline {0} ends at {1} before the target; {2}':
    'el WAL de la línea de tiempo {0} termina en {1}, antes del destino; {2}',
  'see whether later WAL is to be had (the pg_wal of the server, .partial files)':
    'vea si puede conseguir WAL posterior (el pg_wal del servidor, archivos .partial)',
  '{0}; to recover all there is, use --latest: nothing was committed between the last commit and the end of the WAL':
    '{0}; para recuperar todo lo que hay, use --latest: nada se comprometió entre el último COMMIT y el fin del WAL',
  'transaction {0} began before the backup: if it ended before it as well, take an older backup; else {1}':
    'la transacción {0} comenzó antes del respaldo: si también terminó antes de él, use un respaldo más antiguo; si no, {1}',
  '{0}; an xid counts where its transaction ends, and subtransactions do not count':
    '{0}; un xid cuenta donde termina su transacción, y las subtransacciones no cuentan',
  'see whether the name is right and the restore point was made after the backup (those made since then, the most alike first: {0}); or {1}':
    'vea si el nombre es correcto y si el punto de recuperación se creó después del respaldo (los creados desde entonces, primero los más parecidos: {0}); o {1}',
  'see whether the restore point was made after the backup: there is none made since then in this WAL; or {0}':
    'vea si el punto de recuperación se creó después del respaldo: en este WAL no hay ninguno creado desde entonces; o {0}',
  'it stops: FATAL "recovery ended before configured recovery target was reached"':
    'se detiene: FATAL «recovery ended before configured recovery target was reached»',
  'it refuses to start: it finds no checkpoint to begin with':
    'se niega a iniciarse: no encuentra un punto de control para comenzar',
  'it stops: FATAL "WAL ends before end of online backup"':
    'se detiene: FATAL «WAL ends before end of online backup»',
  'it does not complain: it opens at {0} on a new timeline, as if that were the end of the WAL':
    'no se queja: se abre en {0} en una nueva línea de tiempo, como si ese fuera el fin del WAL',
  'it does not complain: it opens at {0} on a new timeline, as up to 12 it does where the target is not found':
    'no se queja: se abre en {0} en una nueva línea de tiempo, como hace hasta la versión 12 cuando no encuentra el destino',
  'segment {1} is missing': ['falta el segmento {1}', 'faltan {0} segmentos: {1}'],
  '{0}; the WAL can be read up to {1}': '{0}; el WAL se puede leer hasta {1}',
  "the WAL's system identifier is {0}, the backup's {1}":
    'el identificador de sistema del WAL es {0}, el del respaldo {1}',
  "at the backup's start the WAL has no checkpoint of it: it is not the WAL that the backup was made with":
    'al inicio del respaldo el WAL no tiene su punto de control: no es el WAL con el que se hizo el respaldo',

  // who did it, out of the server's log
  "Log lines are taken to begin as log_line_prefix = '{0}' says":
    "Se supone que las líneas del log comienzan como dice log_line_prefix = '{0}'",
  'Who: known by the transaction id in the log': 'Quién: conocido por el id de transacción en el log',
  'Who: not known: no statement that the log has around that time fits':
    'Quién: no se sabe: no encaja ninguna sentencia que el log tenga alrededor de esa hora',
  'Who: not known': 'Quién: no se sabe',
  'The log given does not cover it: its last line before is of {0}, and there is none after':
    'El log indicado no lo abarca: su última línea anterior es de {0}, y no hay ninguna posterior',
  'The log given does not cover it: no line in it has a time that is known':
    'El log indicado no lo abarca: ninguna de sus líneas tiene una hora conocida',
  'The log given does not cover it: its first line is of {0}':
    'El log indicado no lo abarca: su primera línea es de {0}',
  'not in the log': 'no está en el log',
  'user {0}, database {1}, client {2}, application {3}, process {4}':
    'usuario {0}, base de datos {1}, cliente {2}, aplicación {3}, proceso {4}',
  'statements left out here: {0}': 'sentencias omitidas aquí: {0}',
  'its statement is not in the log': 'su sentencia no está en el log',

  // what was taken for what
  'language: {0}': 'idioma: {0}',
  'config: {0}': 'configuración: {0}',
  'transactions of sessions that may have done it as well, by a function or a trigger: {0}':
    'transacciones de sesiones que también pueden haberlo hecho, por una función o un disparador: {0}',
  'Who: by session and time, one of these perhaps, by a function or a trigger':
    'Quién: por sesión y hora, quizá una de estas, por una función o un disparador',
  'Who: by session and time, the only statement that fits in the log':
    'Quién: por sesión y hora, la única sentencia del log que encaja',
  'Who: by session and time, one of these, whose statements fit':
    'Quién: por sesión y hora, una de estas, cuyas sentencias encajan',
  'What there is: {0}.': 'Lo que hay: {0}.',
};
