import { groupingOf } from '../../../src/modules/errors/grouping/fingerprint.js';
import { type LabelledError, readCorpus } from '../../corpus/read-corpus.js';

/** Of all pairs that are one problem, how many may be told apart; of all that are told to be one, how many may be two. */
const FLOORS = { overSplit: 0.03, overMerge: 0.02 };

interface Placed extends LabelledError {
  fingerprint: string;
  text: string;
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Pairs within the classes of one key, and those among them that another key tells apart. */
function rate(errors: readonly Placed[], within: 'label' | 'fingerprint', apart: 'label' | 'fingerprint') {
  const classes = grouped(errors, within);
  let all = 0;
  let wrong = 0;
  const bad: Placed[][] = [];
  for (const members of classes.values()) {
    const parts = [...grouped(members, apart).values()];
    all += pairs(members.length);
    wrong += pairs(members.length) - parts.reduce((sum, part) => sum + pairs(part.length), 0);
    if (parts.length > 1) bad.push(parts.map((part) => part[0]!));
  }
  return { all, wrong, rate: wrong / all, bad };
}

function grouped(errors: readonly Placed[], key: 'label' | 'fingerprint'): Map<string, Placed[]> {
  const groups = new Map<string, Placed[]>();
  for (const error of errors) groups.set(error[key], [...(groups.get(error[key]) ?? []), error]);
  return groups;
}

describe('grouping, on a corpus of labelled errors', () => {
  const errors = readCorpus().map((error) => {
    const { fingerprint, text } = groupingOf(error);
    return { ...error, fingerprint, text };
  });
  const labels = new Set(errors.map(({ label }) => label)).size;
  const split = rate(errors, 'label', 'fingerprint');
  const merged = rate(errors, 'fingerprint', 'label');

  it('is large enough to say something', () => {
    expect(errors.length).toBeGreaterThanOrEqual(400);
    expect(new Set(errors.map(({ platform }) => platform)).size).toBe(8);
  });

  it('rarely tells one problem apart, and rarely takes two for one', () => {
    const told = [
      `${errors.length} errors of ${labels} problems, in ${new Set(errors.map(({ fingerprint }) => fingerprint)).size} groups`,
      `over-split ${percent(split)}: ${split.bad.map(([first]) => first!.label).join(', ')}`,
      `over-merged ${percent(merged)}: ${merged.bad.map((all) => all.map(({ label }) => label).join(' + ')).join(', ')}`,
    ];
    process.stdout.write(`${told.join('\n')}\n`);
    expect(split.rate).toBeLessThanOrEqual(FLOORS.overSplit);
    expect(merged.rate).toBeLessThanOrEqual(FLOORS.overMerge);
  });
});

function percent({ wrong, all, rate: share }: { wrong: number; all: number; rate: number }): string {
  return `${(share * 100).toFixed(2)} % (${wrong} of ${all} pairs)`;
}
