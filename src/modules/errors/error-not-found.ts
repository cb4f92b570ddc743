import { CodedException } from '../../common/coded-exception.js';

export function errorNotFound(): CodedException {
  return new CodedException('ERROR_NOT_FOUND', 'There is no error with this id.');
}
