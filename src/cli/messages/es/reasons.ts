import type { Catalog } from './catalog.js';

/** Why something cannot be read or used: what comes after a file, a table or a backup was named. */
export const reasons: Catalog = {
  // backup_label, history files, manifests and pg_control
  'backup history file': 'el archivo de historia de respaldo',
  'timeline ID parsed is {0}, but expected {1}':
    'el ID de línea de tiempo interpretado es {0}, pero se esperaba {1}',
  'it has no CHECKPOINT LOCATION': 'no tiene CHECKPOINT LOCATION',
  'only one of INCREMENTAL FROM LSN and INCREMENTAL FROM TLI is there':
    'de INCREMENTAL FROM LSN e INCREMENTAL FROM TLI solo tiene uno',
  'invalid data in {0}: {1}': 'datos no válidos en {0}: {1}',
  'it begins with a byte order mark, and the server refuses it':
    'comienza con una marca de orden de bytes, y el servidor lo rechaza',
  'its lines end in CR LF, as on Windows, and the server wants LF alone':
    'sus líneas terminan en CR LF, como en Windows, y el servidor exige solo LF',
  'START WAL LOCATION must be its first line and CHECKPOINT LOCATION its second, with nothing before and between them and a line feed at their ends, or the server refuses it':
    'START WAL LOCATION debe ser su primera línea y CHECKPOINT LOCATION la segunda, sin nada antes ni entre ellas y con un salto de línea al final de cada una, o el servidor lo rechaza',
  '{0} is no LSN: {1}': '{0} no es un LSN: {1}',
  'it has no {0}': 'no tiene {0}',
  '{0} is no LSN with a file: {1}': '{0} no es un LSN con un archivo: {1}',
  '{0} is no timeline ID: {1}': '{0} no es un ID de línea de tiempo: {1}',
  'invalid data in history file: {0}: timeline IDs must be in increasing sequence':
    'datos no válidos en archivo de historia: {0}: los ID de línea de tiempo deben ser una secuencia creciente',
  'invalid data in history file "{0}": timeline IDs must be less than child timeline\'s ID':
    'datos no válidos en archivo de historia «{0}»: los ID de línea de tiempo deben ser menores que el de la línea de tiempo hija',
  'syntax error in history file: {0}: expected a numeric timeline ID':
    'error de sintaxis en archivo de historia: {0}: se esperaba un ID numérico de línea de tiempo',
  'syntax error in history file: {0}: expected a write-ahead log switchpoint location':
    'error de sintaxis en archivo de historia: {0}: se esperaba una ubicación de punto de cambio del WAL',
  'timeline history was not contiguous': 'la historia de líneas de tiempo no es contigua',
  'move it away to have the backup read without it, and check the files by pg_verifybackup':
    'quítelo de ahí para que el respaldo se lea sin él, y verifique los archivos con pg_verifybackup',
  'unexpected manifest version': 'versión de manifiesto inesperada',
  'unrecognized top-level field "{0}"': 'campo de nivel superior no reconocido «{0}»',
  'expected a JSON object': 'se esperaba un objeto JSON',
  'it is not valid JSON, perhaps cut short': 'no es JSON válido, quizá está cortado',
  'expected version indicator': 'se esperaba indicador de versión',
  'expected at least 2 lines': 'se esperaban al menos 2 líneas',
  'last line not newline-terminated': 'la última línea no termina en nueva línea',
  'system identifier in manifest not an integer':
    'el identificador de sistema del manifiesto no es un número entero',
  '{0} is no array': '{0} no es un array',
  '{0} holds no objects': '{0} no contiene objetos',
  'missing size': 'falta el tamaño',
  'file size is not an integer': 'el tamaño del archivo no es un número entero',
  'both path name and encoded path name': 'hay a la vez ruta de archivo y ruta codificada',
  'missing path name': 'falta la ruta de archivo',
  'could not decode file name': 'no se pudo decodificar el nombre del archivo',
  'checksum without algorithm': 'suma de verificación sin algoritmo',
  'missing timeline': 'falta la línea de tiempo',
  'missing start LSN': 'falta el LSN de inicio',
  'missing end LSN': 'falta el LSN de término',
  'timeline is not an integer': 'la línea de tiempo no es un número entero',
  'could not parse start LSN': 'no se pudo interpretar el LSN de inicio',
  'could not parse end LSN': 'no se pudo interpretar el LSN de término',
  'pg_control is cut short: it ends after {0} bytes': 'pg_control está cortado: termina tras {0} bytes',
  'this was written by a big-endian machine, whose files walscan does not read':
    'lo escribió una máquina big-endian, cuyos archivos walscan no lee',
  'this is WAL, and no pg_control; give a pg_control or a data folder':
    'es WAL, y no un pg_control; indique un pg_control o un directorio de datos',
  'this is no pg_control, or one of a format that walscan does not know: it says {0}, known are {1} (PostgreSQL 10 to 19); in a data folder, PG_VERSION may tell':
    'no es un pg_control, o es de un formato que walscan no conoce: dice {0}, se conocen {1} (PostgreSQL 10 a 19); en un directorio de datos puede decirlo PG_VERSION',
  'the checksum does not fit: the file is damaged, and nothing in it can be trusted':
    'la suma de verificación no coincide: el archivo está dañado, y nada de él es de fiar',

  // files of base backups
  manifest: 'manifiesto',
  'the backup is damaged or not all there: give another copy of it, or another backup':
    'el respaldo está dañado o incompleto: indique otra copia de él, u otro respaldo',
  'lies beside a whole file of the same relation': 'está junto a un archivo entero de la misma relación',
  'is not there, but in the backup_manifest': 'no está, pero sí en el backup_manifest',
  'is not there, and a later incremental backup builds on it':
    'no está, y un respaldo incremental posterior se basa en él',
  'is an incremental file in a full backup': 'es un archivo incremental en un respaldo completo',
  'ends before all blocks that it says it has': 'termina antes de todos los bloques que dice tener',
  'does not begin as an incremental file does': 'no comienza como un archivo incremental',
  'says that it has {0} blocks of {1}, more than a file can have':
    'dice tener {0} bloques de {1}, más de los que puede tener un archivo',
  'has numbers of blocks that are out of order, or of none that a file can have':
    'tiene números de bloques fuera de orden, o de bloques que ningún archivo puede tener',
  'ends within its header': 'termina dentro de su encabezado',
  'is not in it, but in its {0}': 'no está en él, pero sí en su {0}',
  'has {0} bytes, and by its {1} {2}': 'tiene {0} bytes, y según su {1}, {2}',
  'has another checksum than its {0} says ({1} {2}, not {3})':
    'tiene otra suma de verificación que la que dice su {0} ({1} {2}, no {3})',
  'what is read from it may be wrong': 'lo que se lee de él puede ser erróneo',
  'something of it is lacking': 'le falta algo',
  '; so is {1}': ['; también lo está {1}', '; también lo están {1}'],
  'its header is that of no page': 'su encabezado no es el de una página',
  'its checksum is {0} and should be {1}': 'su suma de verificación es {0} y debería ser {1}',
  'block {0} of {1}': 'bloque {0} de {1}',
  'a page': 'una página',
  'block {0}': 'el bloque {0}',
  'item {0} of block {1}': 'el elemento {0} del bloque {1}',
  '{0} thing in {1} cannot be read': [
    'no se puede leer {0} elemento de {1}',
    'no se pueden leer {0} elementos de {1}',
  ],
  '{0} more thing in {1} cannot be read': [
    'no se puede leer {0} elemento más de {1}',
    'no se pueden leer {0} elementos más de {1}',
  ],
  folder: 'directorio',
  file: 'archivo',
  'and that on itself': 'y ese en sí mismo',
  'is not there': 'no está',
  'cannot be restored: {0}': 'no se puede restaurar: {0}',

  // what replay was to reach
  "the WAL has no record from the backup's start on":
    'el WAL no tiene ningún registro a partir del inicio del respaldo',
  'a transaction that ended after {0}': 'una transacción terminada después de {0}',
  'the end of the WAL': 'el fin del WAL',
  'the end of transaction {0}': 'el fin de la transacción {0}',
  'the restore point "{0}"': 'el punto de recuperación «{0}»',
  'its target': 'su destino',
  'the end that was asked for lies before the place where the backup is consistent: the changes after that are not known, and values may be of a later moment':
    'el fin que se pidió es anterior al lugar donde el respaldo es consistente: los cambios posteriores no se conocen, y puede haber valores de un momento posterior',
  'the WAL given ends before the backup is consistent: the changes after that are not known, and values may be of a later moment':
    'el WAL indicado termina antes de que el respaldo sea consistente: los cambios posteriores no se conocen, y puede haber valores de un momento posterior',
  'a value needs a part of the backup that was not read so far':
    'un valor requiere una parte del respaldo que aún no se ha leído',
  'values of type {0} cannot be printed': 'los valores del tipo {0} no se pueden mostrar',
  'no committed transaction here deleted rows of it, dropped or truncated it; "walscan incidents" lists what was lost':
    'aquí ninguna transacción comprometida le eliminó filas, la eliminó o la truncó; «walscan incidents» lista lo que se perdió',
  'no committed transaction on timeline {0} deleted rows of it, dropped or truncated it; "walscan incidents" lists what was lost':
    'en la línea de tiempo {0} ninguna transacción comprometida le eliminó filas, la eliminó o la truncó; «walscan incidents» lista lo que se perdió',
  'transaction {0} did so on timeline {1}, committed at {2} ({3})':
    'lo hizo la transacción {0} en la línea de tiempo {1}, comprometida en {2} ({3})',

  // columns
  'cannot read "{0}": a column is a name and a type, as in "id int4"':
    'no se puede leer «{0}»: una columna es un nombre y un tipo, como en «id int4»',
  'there are none': 'no hay ninguna',
  '"{0}" is no built-in type': '«{0}» no es un tipo predefinido',
  '{0} is given': ['se indica {0}', 'se indican {0}'],
  'the rows have {0} columns, counting dropped ones, and {1}':
    'las filas tienen {0} columnas, contando las eliminadas, y {1}',
  'one column': ['una columna', '{0} columnas, contando las eliminadas'],
  'they do not fit the row at {0}, which has {1}: {2}': 'no encajan en la fila en {0}, que tiene {1}: {2}',

  // output and temporary files
  'cannot write {0}: it is a folder; name a file in it':
    'no se puede escribir {0}: es un directorio; indique un archivo en él',
  'cannot write {0}: {1}; name a file in a folder that you may write to':
    'no se puede escribir {0}: {1}; indique un archivo en un directorio en el que usted pueda escribir',
  'standard output was closed from the start: give it a file or a pipe':
    'la salida estándar estaba cerrada desde el comienzo: dele un archivo o una tubería',
  'cannot write to standard output: {0}': 'no se puede escribir en la salida estándar: {0}',
  '; make room there and run it again: what is made already stays':
    '; haga espacio ahí y ejecútelo de nuevo: lo que ya está hecho se conserva',
  'make room there, or name another folder in {0}': 'haga espacio ahí, o indique otro directorio en {0}',
  'name a folder in {0} that is there and can be written to':
    'indique en {0} un directorio que exista y en el que se pueda escribir',
  'allow more open files': 'permita más archivos abiertos',
  'name another folder in {0}': 'indique otro directorio en {0}',
  made: 'crear',
  read: 'leer',
  written: 'escribir',
  'it ends at byte {0}': 'termina en el byte {0}',
  'the system takes no more bytes': 'el sistema no acepta más bytes',

  // bytes, and how they are packed
  '{0} bytes at offset {1} do not fit into {2} bytes': '{0} bytes en la posición {1} no caben en {2} bytes',
  'it ends too early': 'termina demasiado pronto',
  'it has something else after its end': 'tiene otra cosa después de su fin',
  '{0} bytes of it stand for nothing': '{0} bytes suyos no representan nada',
  'it has a header that is too long': 'tiene un encabezado demasiado largo',
  'the checksum does not fit': 'la suma de verificación no coincide',
  'the length does not fit': 'el largo no coincide',
  'the data are damaged': 'los datos están dañados',
  'the data are damaged ({0})': 'los datos están dañados ({0})',
  'the file ends too early or is damaged': 'el archivo termina demasiado pronto o está dañado',
  'xz error {0}': 'error {0} de xz',
  'not in xz format': 'no está en formato xz',
  'there is not enough memory for its dictionary': 'no hay memoria suficiente para su diccionario',
  'it needs a dictionary of more than 64 MiB': 'necesita un diccionario de más de 64 MiB',
  'compressed with options that are not supported (SHA-256 checks, filters)':
    'está comprimido con opciones que no están soportadas (sumas SHA-256, filtros)',
  'it does not begin as LZMA does': 'no comienza como LZMA',
  'it ends where it should not': 'termina donde no debería',
  'it does not unpack to the size it states': 'descomprimido, no tiene el tamaño que indica',
  'it refers to what is before its beginning': 'se refiere a lo que hay antes de su comienzo',
  'it has something else where bzip2 data should begin':
    'tiene otra cosa donde deberían comenzar los datos bzip2',
  'it has something else where a block should begin': 'tiene otra cosa donde debería comenzar un bloque',
  'the checksum of a block does not fit': 'la suma de verificación de un bloque no coincide',
  'it was made by bzip2 before 0.9.5, which is not supported':
    'lo hizo un bzip2 anterior a 0.9.5, que no está soportado',
  'a block has a wrong number of tables': 'un bloque tiene un número incorrecto de tablas',
  'a table has a code of a wrong length': 'una tabla tiene un código de largo incorrecto',
  'a block has no end': 'un bloque no tiene fin',
  'a block begins outside of itself': 'un bloque comienza fuera de sí mismo',
  'a block has no bytes': 'un bloque no tiene bytes',
  'a block refers to a table that it does not have': 'un bloque se refiere a una tabla que no tiene',
  'a block is too large': 'un bloque es demasiado grande',
  'a block has an unknown code': 'un bloque tiene un código desconocido',
  'a table has codes that do not fit together': 'una tabla tiene códigos que no encajan entre sí',
  // after «los datos LZ4», «los datos pglz», «los datos Zstandard»
  'is too short for the size it states': 'son muy pocos para el tamaño que indican',
  'does not unpack to exactly the size it states':
    'descomprimidos, no tienen exactamente el tamaño que indican',
  'does not unpack to the size it states': 'descomprimidos, no tienen el tamaño que indican',
  'unpacks to more than the size it states': 'descomprimidos, tienen más del tamaño que indican',
  'unpacks to less than the size it states': 'descomprimidos, tienen menos del tamaño que indican',
  'has too long a literal': 'tienen un literal demasiado largo',
  'ends within a match': 'terminan dentro de una coincidencia',
  'ends within a match tag': 'terminan dentro de la marca de una coincidencia',
  'refers to bytes before its beginning': 'se refieren a bytes anteriores a su comienzo',
  'has too long a match': 'tienen una coincidencia demasiado larga',
  'ends without its last literals': 'terminan sin sus últimos literales',
  'ends within a length': 'terminan dentro de un largo',
  'ends too early': 'terminan demasiado pronto',
  'has a block that is cut off': 'tienen un bloque cortado',
  'has something else after a block': 'tienen otra cosa después de un bloque',
  'has something else after a frame': 'tienen otra cosa después de un marco',
  'has too large a block': 'tienen un bloque demasiado grande',
  'refers to a table that it does not have': 'se refieren a una tabla que no tienen',
  'has an unknown kind of block': 'tienen un bloque de un tipo desconocido',
  'has an unknown code': 'tienen un código desconocido',
  'has a table that is cut off': 'tienen una tabla cortada',
  'has too large a table': 'tienen una tabla demasiado grande',
  'has a table with too many symbols': 'tienen una tabla con demasiados símbolos',
  'has too long a code': 'tienen un código demasiado largo',
  'has codes that do not fit together': 'tienen códigos que no encajan entre sí',
  'has a sequence of bits without an end': 'tienen una secuencia de bits sin fin',
  'has an unknown frame header': 'tienen un encabezado de marco desconocido',
  'does not begin with a frame': 'no comienzan con un marco',
  'needs a dictionary': 'necesitan un diccionario',
  'needs a window of {0} bytes, too much to be true':
    'necesitan una ventana de {0} bytes, demasiado para ser cierto',

  // tar files
  'more than {0} bytes between two members': 'hay más de {0} bytes entre dos miembros',
  'the name of a member is longer than any path': 'el nombre de un miembro es más largo que cualquier ruta',
  'its header is damaged': 'su encabezado está dañado',
  'the checksum of a header': 'la suma de verificación de un encabezado',
  'the size of its member {0}': 'el tamaño de su miembro {0}',
  '{0} is no number that can be right': '{0} no es un número que pueda ser correcto',
  'the size of a member, among its attributes, is no number that can be right':
    'el tamaño de un miembro, entre sus atributos, no es un número que pueda ser correcto',
  'the attributes of a member are damaged': 'los atributos de un miembro están dañados',
  'a hard link': 'un enlace duro',
  'a symbolic link': 'un enlace simbólico',
  'no file that walscan knows': 'un archivo de un tipo que walscan no conoce',
  'its member {0} is stored without its holes (tar --sparse): unpack the tar file first':
    'su miembro {0} está almacenado sin sus huecos (tar --sparse): desempaquete antes el archivo tar',

  // time zone files
  'it does not begin with TZif': 'no comienza con TZif',
  'it counts leap seconds, which PostgreSQL does not': 'cuenta segundos intercalares, y PostgreSQL no',
  'it has no local time type': 'no tiene ningún tipo de hora local',
  'it is cut short': 'está cortado',
  'a transition leads to a type that it does not have': 'una transición lleva a un tipo que no tiene',
  'an abbreviation has no end': 'una abreviatura no tiene fin',
  'it has no footer': 'no tiene pie',

  // what is no WAL that walscan reads: after «… es»
  'an image': 'de imagen',
  'a delta': 'delta',
  'encrypted, by pgBackRest if it is of one of its repositories: give its path in the repository, with the passphrase (--cipher-pass-file)':
    'un archivo cifrado, por pgBackRest si es de uno de sus repositorios: indique su ruta en el repositorio, con la contraseña (--cipher-pass-file)',
  "{0} layer of Neon's pageserver, which holds pages and no WAL: give the WAL of its safekeepers":
    'una capa {0} del pageserver de Neon, que contiene páginas y no WAL: indique el WAL de sus safekeepers',
  'WAL of {0} on a machine with the other order of bytes (big-endian), which walscan cannot read':
    'WAL de {0} en una máquina con el otro orden de bytes (big-endian), que walscan no puede leer',
  'walscan reads PostgreSQL {0} to {1}': 'walscan lee PostgreSQL {0} a {1}',
  '{0}, and a newer walscan may read it': '{0}, y quizá lo lea un walscan más reciente',
  'WAL of {0}: {1}': 'WAL de {0}: {1}',
  'page magic {0}': 'número mágico de página {0}',
  'a version of PostgreSQL before 10 ({0})': 'una versión de PostgreSQL anterior a 10 ({0})',
  'no version of PostgreSQL that walscan knows ({0})':
    'una versión de PostgreSQL que walscan no conoce ({0})',

  // object stores
  ' ({0} tries)': ' ({0} intentos)',
  '{0}; ask again': '{0}; pregunte de nuevo',
  'its pages do not come to an end': 'sus páginas no llegan a su fin',
  '{0} does not lie there': '{0} no está ahí',
  'it does not say where it goes on': 'no dice dónde continúa',
  'it is no encoded name': 'no es un nombre codificado',
  'there are no credentials for it: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY':
    'no hay credenciales para él: defina AWS_PROFILE, o AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY',
  'check the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)':
    'revise las credenciales (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)',
  'there is no such bucket; check its name, and AWS_ENDPOINT_URL and AWS_REGION':
    'no existe ese bucket; revise su nombre, y AWS_ENDPOINT_URL y AWS_REGION',
  'it is gone since its folder was listed; ask again':
    'ha desaparecido desde que se listó su directorio; pregunte de nuevo',
  'it is in an archive tier; bring it back first (aws s3api restore-object), or give a copy':
    'está en una capa de archivado; tráigalo antes de vuelta (aws s3api restore-object), o indique una copia',
  'it was replaced while it was being read; ask again': 'se reemplazó mientras se leía; pregunte de nuevo',
  'access is denied; the credentials must allow {0}':
    'el acceso está denegado; las credenciales deben permitir {0}',
  'the credentials have expired; get new ones': 'las credenciales han caducado; obtenga otras',
  'the bucket is in another region; set AWS_REGION': 'el bucket está en otra región; defina AWS_REGION',
  'there is no such host; check AWS_ENDPOINT_URL': 'no existe ese equipo; revise AWS_ENDPOINT_URL',
  'the store is busy; ask again later': 'el almacén está ocupado; pregunte más tarde',
  'it cannot be reached; check AWS_ENDPOINT_URL and the network, and ask again':
    'no se puede alcanzar; revise AWS_ENDPOINT_URL y la red, y pregunte de nuevo',
  'no region is set, or none that can be: set AWS_REGION, for other stores than AWS to us-east-1':
    'no hay ninguna región definida, o no es válida: defina AWS_REGION, para almacenes que no sean de AWS como us-east-1',

  // facts and SQL
  ' at {0}': ' en {0}',
  'it has no row': 'no tiene ninguna fila',
  'it has {0} rows instead of one': 'tiene {0} filas en vez de una',
  'it is not in the order of the WAL': 'no está en el orden del WAL',
  'nothing ends transaction {0} where it says so': 'nada termina la transacción {0} donde dice',
  'there is no outcome {0}': 'no existe el resultado {0}',
  'there is no action {0}': 'no existe la acción {0}',
  '{0} is no file': '{0} no es un archivo',
  'a position in it is not in the WAL that it is of': 'una posición suya no está en el WAL del que es',
  'no segment is what it says': 'ningún segmento es lo que dice',
  'no segments are what it says': 'ningunos segmentos son lo que dice',
  'a part of it lies elsewhere': 'una parte suya está en otro lugar',
  'it is not of {0}, or was replaced while it was read': 'no es de {0}, o se reemplazó mientras se leía',
  'it is not as it was before, or was replaced while it was read':
    'no es como era antes, o se reemplazó mientras se leía',
  'its state is that of other WAL': 'su estado es el de otro WAL',
  'the problem that it tells of the file is none': 'el problema que indica del archivo no es tal',
  'it is not what was written together with the table segments':
    'no es lo que se escribió junto con la tabla segments',
  'its folder is that of another segment than {0}': 'su directorio es el de otro segmento que {0}',
  'it tells of a row that is not there': 'habla de una fila que no está',

  // repositories of backup tools
  'it is missing': 'falta',
  'is missing': 'falta',
  'it is missing, and its copy, too': 'falta, y también su copia',
  'it is missing; {0}.copy beside it is used instead': 'falta; en su lugar se usa {0}.copy, junto a él',
  'it is the manifest of {0}': 'es el manifiesto de {0}',
  'the WAL is read by what backup.info says of it; pgbackrest --stanza={0} stanza-create makes it anew':
    'el WAL se lee por lo que dice de él backup.info; pgbackrest --stanza={0} stanza-create lo crea de nuevo',
  'the WAL is encrypted by a passphrase that is in it alone: put back archive.info or archive.info.copy, from another copy of the repository':
    'el WAL está cifrado con una contraseña que solo está en él: restituya archive.info o archive.info.copy, de otra copia del repositorio',
  'something that it says of {0} {1}': 'algo que dice de {0} {1}',
  '{0}, {1}: it {2}': '{0}, {1}: {2}',
  'it has a line without "="': 'tiene una línea sin «=»',
  'its {0} cannot be understood': 'no se entiende su {0}',
  'it has no status': 'no tiene estado',
  'it does not begin as such': 'no comienza como tal',
  'its end is not what it should be': 'su fin no es lo que debería ser',
  'its version is not known': 'su versión no se conoce',
  'it has a super block of nothing': 'tiene un superbloque de nada',
  'it has blocks beyond their super block': 'tiene bloques más allá de su superbloque',
  'it has a number that cannot be right': 'tiene un número que no puede ser correcto',
  'it has a number without an end': 'tiene un número sin fin',
  'a chunk of it has a size that cannot be right': 'un trozo suyo tiene un tamaño que no puede ser correcto',
  'it does not begin with a section': 'no comienza con una sección',
  'it has the format {0}, and only {1} is known': 'tiene el formato {0}, y solo se conoce {1}',
  'it has no checksum, so that it was cut off': 'no tiene suma de verificación, así que está cortado',
  'its checksum does not fit: it was changed or damaged':
    'su suma de verificación no coincide: se cambió o está dañado',
  'a line of it is no key with a value: {0}': 'una línea suya no es una clave con un valor: {0}',
  'it has more than the {0} bytes that can be right': 'tiene más de los {0} bytes que puede tener',
  'a line of it is too long': 'una línea suya es demasiado larga',
  'is no path within a backup': 'no es una ruta dentro de un respaldo',
  'is no path of a data folder or a tablespace': 'no es una ruta de un directorio de datos o un tablespace',
  'has a map that is larger than itself': 'tiene un mapa más grande que él mismo',
  'has a map that is larger than one can be': 'tiene un mapa más grande de lo que puede ser uno',
  'ends nowhere': 'no termina en ninguna parte',
  'has blocks of a size that there is not': 'tiene bloques de un tamaño que no existe',
  'has no SHA-1 as its checksum': 'no tiene un SHA-1 como suma de verificación',
  'is no known type': 'no es un tipo conocido',
  'is of no known type': 'no es de un tipo conocido',
  'names a compression that is not known': 'nombra una compresión que no se conoce',
  'has no version that PostgreSQL can have': 'no tiene una versión que PostgreSQL pueda tener',
  'has references that are no list': 'tiene referencias que no son una lista',
  'is no label of a backup': 'no es la etiqueta de un respaldo',
  'is no object': 'no es un objeto',
  'is no text': 'no es un texto',
  'is no number that it can be': 'no es un número que pueda ser',
  'is no LSN': 'no es un LSN',
  'is no name of a segment': 'no es el nombre de un segmento',
  'is no identifier': 'no es un identificador',
  pages: 'páginas',
  'pages ({0})': 'páginas ({0})',
  '{0} has more than the {1} bytes that its manifest says':
    '{0} tiene más de los {1} bytes que dice su manifiesto',
  '{0} has {1} of the {2} bytes that its manifest says':
    '{0} tiene {1} de los {2} bytes que dice su manifiesto',
  '{0} has another checksum than its manifest says (SHA1 {1}, not {2})':
    '{0} tiene otra suma de verificación que la que dice su manifiesto (SHA1 {1}, no {2})',
  'the block map of {0} refers to a backup that the manifest does not have':
    'el mapa de bloques de {0} se refiere a un respaldo que el manifiesto no tiene',
  'a block at {0} of {1} is shorter than its map says':
    'un bloque en {0} de {1} es más corto de lo que dice su mapa',
  'is in none of the backups that it builds on': 'no está en ninguno de los respaldos en los que se basa',
  'is in none of its tar files': 'no está en ninguno de sus archivos tar',
  'by OpenPGP': 'con OpenPGP',
  'by libsodium or a key of a cloud, for it begins as nothing that is known':
    'con libsodium o una clave de una nube, pues no comienza como nada que se conozca',
  'has another size than it says': 'tiene otro tamaño que el que dice',
  'does not begin as an increment does': 'no comienza como un incremento',
  'says that the file has {0} bytes, which no file of a relation has':
    'dice que el archivo tiene {0} bytes, y ningún archivo de una relación los tiene',
  'says that it has {0} blocks, and has another size than it says':
    'dice tener {0} bloques, y tiene otro tamaño que el que dice',
  ': restore the backup by wal-g backup-fetch, and give the data folder':
    ': restaure el respaldo con wal-g backup-fetch, e indique el directorio de datos',
  'DeltaFrom is no name': 'DeltaFrom no es un nombre',
  'Files holds no objects': 'Files no contiene objetos',
  'TarFileSets holds no lists of names': 'TarFileSets no contiene listas de nombres',
  'it is no JSON object': 'no es un objeto JSON',
  '{0} is no object': '{0} no es un objeto',
  '{0} is no number of 64 bits': '{0} no es un número de 64 bits',

  // rows whose values cannot be given, and values that are none of their type
  'its page in the backup is damaged': 'su página en el respaldo está dañada',
  'values are not in the WAL given': 'los valores no están en el WAL indicado',
  'an array whose elements begin at byte {0}': 'un array cuyos elementos comienzan en el byte {0}',
  'an array with {0} bytes behind its elements': 'un array con {0} bytes detrás de sus elementos',
  'a date {0} days from 2000-01-01': 'una fecha a {0} días de 2000-01-01',
  'a time {0} microseconds after midnight': 'una hora a {0} microsegundos de la medianoche',
  'a zone {0} seconds from UTC': 'un huso horario a {0} segundos de UTC',
  'a timestamp {0} microseconds from 2000-01-01': 'un timestamp a {0} microsegundos de 2000-01-01',
  '{0} points in {1} bytes': '{0} puntos en {1} bytes',
  'a path that is neither open nor closed: {0}': 'un path que no es ni abierto ni cerrado: {0}',
  'a range of type {0} for a {1}': 'un rango de tipo {0} en lugar de un {1}',
  'a range of {0} bytes in {1}': 'un rango de {0} bytes en {1}',
  'a jsonb value is nested too deeply to be read':
    'un valor jsonb está anidado a demasiada profundidad para leerlo',
  'a jsonb container of the unknown kind {0}': 'un contenedor jsonb del tipo desconocido {0}',
  'a jsonb element ends before it starts': 'un elemento jsonb termina antes de comenzar',
  'a jsonb key that is no string': 'una llave jsonb que no es una cadena',
  'a jsonb container of {0} bytes in {1}': 'un contenedor jsonb de {0} bytes en {1}',
  'a jsonb value that is {0} values': 'un valor jsonb que son {0} valores',
  'an address of the unknown family {0}': 'una dirección de la familia desconocida {0}',
  'an address with {0} bits in {1} bytes': 'una dirección de {0} bits en {1} bytes',
  'a bool of the byte {0}': 'un bool con el byte {0}',
  'a snapshot of {0} transactions in {1} bytes': 'un snapshot de {0} transacciones en {1} bytes',
  'a vector of {0} numbers in {1} bytes': 'un vector de {0} números en {1} bytes',
  'a NaN or infinity with digits': 'un NaN o un infinito con dígitos',
  'a numeric of the unknown header {0}': 'un numeric con el encabezado desconocido {0}',
  'a numeric of half a digit': 'un numeric de medio dígito',
  'a numeric with the digit {0}': 'un numeric con el dígito {0}',
  'a numeric with zeros around its digits': 'un numeric con ceros alrededor de sus dígitos',
  'a text with a byte of zero in it': 'un texto que contiene un byte cero',
  'a name that is not filled up with zeros': 'un nombre que no está completado con ceros',
  'a string of {0} bits in {1} bytes': 'una cadena de {0} bits en {1} bytes',
  'a string of bits with more bits behind its end': 'una cadena de bits con más bits detrás de su fin',
  'a tsvector of no words in {0} bytes': 'un tsvector sin palabras en {0} bytes',
  'words that lie in one another': 'palabras que se solapan',
  'a tsquery of no words in {0} bytes': 'un tsquery sin palabras en {0} bytes',
  'a tsquery with more operands than its operators take':
    'un tsquery con más operandos de los que toman sus operadores',

  // what undo does not give back
  '{0} (transaction {1})': '{0} (transacción {1})',
  'column {0} of {1} was dropped, with its values': 'se eliminó la columna {0} de {1}, con sus valores',
  'column {0} of {1} was converted to another type, with its values':
    'la columna {0} de {1} se convirtió a otro tipo, con sus valores',
  'the default of column {0} of {1} was dropped': 'se eliminó el valor por omisión de la columna {0} de {1}',
  'the rows of {0} went, and were never in the WAL: it was unlogged':
    'las filas de {0} se fueron, y nunca estuvieron en el WAL: era «unlogged»',

  // tables of facts
  'it is too short': 'es demasiado corta',
  'it was cut off': 'está cortada',
  'it says that it has {0} rows': 'dice tener {0} filas',
  'it says that its metadata has {0} bytes': 'dice que sus metadatos tienen {0} bytes',
  'its metadata has a number that is longer than any':
    'sus metadatos tienen un número más largo que cualquier otro',
  'walscan did not write it': 'no la escribió walscan',
  'its columns are other ones': 'sus columnas son otras',
  'column {0} has not as many values as there are rows':
    'la columna {0} no tiene tantos valores como filas hay',
  'it claims other {0} than it can have': 'no es posible lo que dice de {0}',
  rows: 'sus filas',
  bytes: 'sus bytes',
  'bytes in {0}': 'los bytes de {0}',
  'values in {0}': 'los valores de {0}',
  levels: 'sus niveles',
  runs: 'sus secuencias',
  blocks: 'sus bloques',
  '{0} has no pages': '{0} no tiene páginas',
  '{0} is another column': '{0} es otra columna',
  '{0} is none of facts': '{0} no se usa en los datos',
  '{0} has pages of another kind': '{0} tiene páginas de otro tipo',
  'values of {0} are encoded in another way than those of facts':
    'los valores de {0} están codificados de otro modo que los de los datos',
  'a number is too long': 'un número es demasiado largo',
  'a page has no number in field {0}': 'una página no tiene un número en el campo {0}',
  'a page has nothing in field {0}': 'una página no tiene nada en el campo {0}',
  'a page has structs in structs in structs': 'una página tiene demasiados structs anidados',
  'the fields of a page are in no order': 'los campos de una página no están en orden',
  'a page has a field of another kind': 'una página tiene un campo de otro tipo',
  '{0} is not what it has to be': '{0} no es lo que debe ser',
  '{0} is no list': '{0} no es una lista',
  '{0} is no pair': '{0} no es un par',
  '{0} is missing': 'falta {0}',
  'what it begins with is not as long as it says': 'su comienzo no tiene el largo que dice',
  'what it ends with is not as long as it says': 'su final no tiene el largo que dice',
};
