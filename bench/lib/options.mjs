/** What an option of a benchmark is: its default, one line of help, and how its text is read. */
export function count(value, help, most = Number.MAX_SAFE_INTEGER) {
  return { value, help, parse: (text, name) => wholeNumber(text, name, most) };
}

export function counts(value, help, most = Number.MAX_SAFE_INTEGER) {
  return {
    value,
    help,
    parse: (text, name) => text.split(',').map((part) => wholeNumber(part, name, most)),
  };
}

/** Some of these names, all by default. */
export function choices(names, help) {
  return {
    value: names,
    help,
    parse: (text, name) => {
      const chosen = text.split(',');
      const unknown = chosen.find((each) => !names.includes(each));
      if (unknown === undefined) return chosen;
      throw new Error(`${name} takes ${names.join(', ')}, not "${unknown}".`);
    },
  };
}

function wholeNumber(text, name, most) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${name} takes whole numbers from 1 to ${most}, not "${text}".`);
}
