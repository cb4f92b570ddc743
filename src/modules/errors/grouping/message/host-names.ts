/**
 * Last labels that mark a host name. Short: names that are also common method or property names
 * (`at`, `id`, `in`, `is`, `name`, `map`…) would turn `items.at is not a function` into a host.
 */
const TOP_LEVEL = new Set(
  (
    'com org net edu gov mil int io dev app co ai biz info cloud online site tech xyz eu uk us ca au nz jp cn kr br mx ar ' +
    'de fr nl be ch es pt pl cz se fi dk ie gr ro hu ua ru tr za ng ke gh eg ae sa pk bd sg hk tw th vn ph ' +
    'example invalid internal local localdomain lan corp home arpa svc cluster intranet'
  ).split(' '),
);
/** With these, two labels are enough; `socket.io` and `asp.net` are not hosts. */
const UNMISTAKABLE = new Set(['com', 'org', 'edu', 'gov', 'internal', 'local', 'lan']);

const HOST_NAME = /^(?:[a-z\d_](?:[a-z\d_-]{0,62})\.){1,10}([a-z]{2,24})(:\d{1,5})?(?:\/|$)/;
const CODE_FOLLOWS = /^(?:\(|\[| is (?:not|undefined|null)\b| = )/;
const CODE_STARTS =
  /^(?:this|self|window|document|global|globalthis|module|exports|process|console|props|state)\./;
const HAS_DIGIT = /\d/;

/**
 * Whether a word names a host. Dots alone do not make one: a known last label and a digit, a port or three labels are needed.
 * @param after what follows the word in its line
 */
export function isHostName(word: string, after: string): boolean {
  const match = HOST_NAME.exec(word);
  if (!match || !TOP_LEVEL.has(match[1]!)) return false;
  if (CODE_FOLLOWS.test(after) || CODE_STARTS.test(word)) return false;
  if (match[2] !== undefined || UNMISTAKABLE.has(match[1]!)) return true;
  const name = match[0];
  return HAS_DIGIT.test(name) || name.split('.').length > 2;
}
