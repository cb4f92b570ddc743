import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents a success in the envelope: `{status: "success", data: Model}`. */
export function ApiEnveloped(
  model: Type,
  options: { status?: number; description: string },
): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(model),
    ApiResponse({
      status: options.status ?? 200,
      description: options.description,
      schema: {
        type: 'object',
        required: ['status', 'data'],
        properties: {
          status: { type: 'string', enum: ['success'], description: 'Says that the request succeeded.' },
          data: { allOf: [{ $ref: getSchemaPath(model) }], description: options.description },
        },
      },
    }),
  );
}
