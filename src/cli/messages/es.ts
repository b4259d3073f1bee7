/**
 * Spanish by the English text, with the words of PostgreSQL's own Spanish messages. What depends on a number has a form
 * each by the rules of plurals (`_one`, `_many`, `_other`).
 */
export const es: Readonly<Record<string, string>> = {
  'Usage:': 'Empleo:',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opciones:',
  'Commands:': 'Órdenes:',
  'Common options:': 'Opciones comunes:',
};
