import { CodedException } from '../../common/coded-exception.js';

export function incidentNotFound(): CodedException {
  return new CodedException('INCIDENT_NOT_FOUND', 'There is no incident with this id.');
}
