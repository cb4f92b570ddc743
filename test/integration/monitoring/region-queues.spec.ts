import { Clock } from '../../../src/common/clock.js';
import { WorkFigures } from '../../../src/common/work-figures.js';
import { Dispatcher } from '../../../src/modules/monitoring/scheduling/dispatcher.service.js';
import { JobQueue } from '../../../src/queues/job-queue.js';
import { ApiUnderTest } from './api-under-test.js';
import { insertEndpoints, makeWorker } from './monitoring-parts.js';

describe('the queue of a region without a worker', () => {
  let api: ApiUnderTest;
  beforeAll(async () => void (api = await ApiUnderTest.start()));
  afterAll(() => api.stop());

  it('keeps the batches of the last minute only', async () => {
    const { dataSource } = api.database;
    const jobs = api.app.get(JobQueue);
    const queue = jobs.regionQueue('mars');
    const waiting = async () => (await queue.getJobs(['wait'])).map((job) => job.id);
    const before = (seconds: number) => ({ timestamp: Date.now() - seconds * 1_000 });
    await queue.add('run-checks', { slots: [] }, { ...before(70), jobId: 'old' });
    await queue.add('run-checks', { slots: [] }, { ...before(50), jobId: 'young' });
    const [id] = await insertEndpoints(dataSource, [{}]);
    await dataSource.query(`UPDATE endpoints SET regions = '{mars}' WHERE id = $1`, [id]);
    const { slots, writer, silence } = makeWorker(dataSource);
    const config = { DISPATCH_INTERVAL: 1_000 };
    const dispatcher = new Dispatcher(slots, jobs, writer, new Clock(), config, new WorkFigures(), silence);
    expect(await dispatcher.dispatch()).toBe(1);
    const left = await waiting();
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(['young', expect.stringContaining(id!)]));
  });
});
