import { CodedException, invalidField } from '../common/coded-exception.js';
import { InterruptedError } from './interrupted-error.js';
import type { Resource } from './resource.js';

const resource = { noun: 'endpoint' } as Resource;
const failed = { resource, change: { action: 'delete', name: 'API', id: '1' } as const };

describe('an interrupted configuration', () => {
  it('names each field that was refused', () => {
    const { message } = new InterruptedError([], failed, invalidField('depends_on', 'is gone'), 'w.yaml');
    expect(message).toContain('The endpoint API could not be removed:\n  depends_on is gone\n');
  });

  it('says what there is to say where no field is to blame', () => {
    const { message } = new InterruptedError([], failed, new CodedException('NOT_FOUND', 'Not there.'));
    expect(message).toContain('  Not there.\n');
  });
});
