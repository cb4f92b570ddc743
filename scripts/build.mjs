// npm run build: compiles, whether or not anything has changed.
import { build } from './lib/build.mjs';

build();
