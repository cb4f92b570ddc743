import { CodedException } from '../../../src/common/coded-exception.js';
import { GroupingRulesService } from '../../../src/modules/errors/grouping/rules/grouping-rules.service.js';
import { RulesPreview } from '../../../src/modules/errors/grouping/rules/rules-preview.js';
import { parseErrorReport } from '../../../src/modules/errors/ingest/parse-error-report.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, reportingKey, SetClock } from '../errors/errors-process.js';

const STACK = 'Error\n    at retry (/srv/lib/retry.js:1:1)\n    at pay (/srv/app/pay.js:9:1)';

describe('grouping rules', () => {
  let database: TestDatabase;
  let one: ErrorsProcess;
  let other: ErrorsProcess;
  let rules: GroupingRulesService;
  let preview: RulesPreview;
  beforeEach(async () => {
    database = await createTestDatabase();
    one = await ErrorsProcess.start(database.url);
    other = await ErrorsProcess.start(database.url);
    await Promise.all([one.rules.onModuleInit(), other.rules.onModuleInit()]);
    rules = new GroupingRulesService(one.dataSource, one.rules, one.bus, new SetClock());
    preview = new RulesPreview(one.dataSource, one.rules);
  });
  afterEach(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await database.drop();
  });

  const timeouts = { match: { message: '*timeout*' }, fingerprint: ['timeouts', '{{ function }}'] };

  it('are none at first, and counted up with every change', async () => {
    expect(await rules.get()).toEqual({ version: 0, rules: [], in_app: [], updated_at: null });
    expect(await rules.put({ rules: [timeouts], in_app: [] })).toMatchObject({
      version: 1,
      rules: [timeouts],
    });
    expect(await rules.put({ rules: [], in_app: [], version: 1 })).toMatchObject({ version: 2, rules: [] });
    expect(one.bus.published.map(({ event }) => event)).toContain('grouping.rules_changed');
  });

  it('are not overwritten by who has read an earlier version', async () => {
    await rules.put({ rules: [timeouts], in_app: [] });
    await expect(rules.put({ rules: [], in_app: [], version: 0 })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect((await rules.get()).version).toBe(1);
  });

  it('are refused when they match everything or name what nobody knows', async () => {
    const bad = {
      rules: [{ match: {}, fingerprint: ['{{ nonsense }}'] }],
      in_app: [{ match: {}, in_app: true }],
    };
    const refusal = (await rules.put(bad).catch((error: unknown) => error)) as CodedException;
    expect(refusal.details?.map(({ field }) => field)).toEqual([
      'rules.0.match',
      'rules.0.fingerprint.0',
      'in_app.0.match',
    ]);
  });

  it('group new reports in every process, leave stored ones, and are told by the explanation', async () => {
    const before = await one.report({ message: 'read timeout', stack_trace: STACK });
    await rules.put({ rules: [timeouts], in_app: [{ match: { file: '*/lib/*' }, in_app: false }] });
    await other.rules.refresh();
    const [first, second] = [
      await one.report({ message: 'read timeout', stack_trace: STACK }),
      await other.report({ message: 'write timeout', stack_trace: STACK }),
    ];
    expect(first.id).not.toBe(before.id);
    expect(second.id).toBe(first.id);
    expect(second.count).toBe(2);
    expect(first.culprit).toBe('pay (pay.js)');
    expect(await one.reader.grouping(first.id)).toMatchObject({
      decided_by: 'rule',
      text: 'v2 default\nrule: timeouts\nrule function: pay',
      parts: [
        { origin: 'rule', variable: null, value: 'timeouts' },
        { origin: 'rule', variable: 'function', value: 'pay' },
      ],
    });
    expect(await one.reader.grouping(before.id)).toMatchObject({
      decided_by: 'algorithm',
      parts: [
        { origin: 'message', value: 'read timeout' },
        { origin: 'frame', value: 'retry (retry.js)' },
        { origin: 'frame', value: 'pay (pay.js)' },
      ],
    });
  });

  it('are previewed on what is stored: what would be joined and split, and nothing is changed', async () => {
    const read = await one.report({ message: 'read timeout', stack_trace: STACK });
    const write = await one.report({ message: 'write timeout', stack_trace: STACK });
    for (const tier of ['gold', 'free'])
      await one.report({ message: `tenant ${tier.length}`, tags: { tier } });
    const joined = await preview.preview({ rules: [timeouts], in_app: [], sample: 100 });
    expect(joined).toMatchObject({ occurrences: 4, changed: 2, splits: [] });
    expect(joined.joins[0]!.text).toBe('v2 default\nrule: timeouts\nrule function: retry');
    expect(joined.joins[0]!.errors.map(({ error_id }) => error_id).toSorted()).toEqual(
      [read.id, write.id].toSorted(),
    );
    expect((await rules.get()).version).toBe(0);
    const split = { match: { message: 'read*' }, fingerprint: ['{{ message }}', '{{ level }}'] };
    await one.report({ message: 'read timeout', stack_trace: STACK, level: 'warning' });
    const apart = await preview.preview({ rules: [split], in_app: [], sample: 100, source: 'default' });
    expect(apart.splits).toMatchObject([
      { error_id: read.id, parts: [{ occurrences: 1 }, { occurrences: 1 }] },
    ]);
    expect(apart.groups_after).toBe(apart.groups_before + 1);
  });

  it('leave alone in a preview what reports decided themselves, unless a rule overrules it', async () => {
    const report = parseErrorReport({ message: 'a timeout', stack_trace: STACK });
    const origin = { principal: reportingKey('11111111-1111-7111-8111-111111111111') };
    const { row } = await one.intake.take({ ...report, fingerprint: ['mine'] }, origin);
    expect(await one.reader.grouping(row.id)).toMatchObject({
      decided_by: 'report',
      text: 'v2 default\nfingerprint: mine',
    });
    expect((await preview.preview({ rules: [timeouts], in_app: [], sample: 100 })).changed).toBe(1);
    const notOwn = [{ match: { file: '*/lib/*' }, in_app: false }];
    expect((await preview.preview({ rules: [], in_app: notOwn, sample: 100 })).changed).toBe(0);
  });
});
