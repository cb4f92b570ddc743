import type { Frame } from './frame.js';

/** Package folders, the files of languages and runtimes, bundles that hold libraries only. */
const LIBRARY_FILE = new RegExp(
  [
    String.raw`(?:^|[/\\])(?:node_modules|site-packages|dist-packages|vendor|gems|bower_components|jspm_packages|wp-includes|wp-admin|\.yarn)[/\\]`,
    String.raw`^(?:node|internal|native|bun|ext):`,
    String.raw`^(?:internal|native|next|rustc)[/\\]`,
    String.raw`^native$`,
    String.raw`(?:^|[/\\])[Ll]ib[/\\](?:python|ruby|rustlib)[\d./\\]`,
    String.raw`[/\\][Pp]ython\d+[/\\][Ll]ib[/\\]`,
    String.raw`^(?:file://)?/var/(?:lang|runtime)/`,
    String.raw`[/\\][Gg]o[/\\](?:src|pkg[/\\]mod)[/\\]`,
    String.raw`@v\d+[.\w-]*[/\\]`,
    String.raw`[/\\]rustc[/\\]`,
    String.raw`[/\\]\.cargo[/\\]`,
    String.raw`[/\\]library[/\\](?:std|core|alloc)[/\\]`,
    String.raw`^\[`,
    String.raw`^<`,
    String.raw`^index \d+$`,
    String.raw`webpack[/\\](?:bootstrap|runtime)`,
    String.raw`(?:^|[/\\])(?:chunk-)?(?:vendors?|polyfills?|zone)(?:[.~-][\w.~-]*)?\.[cm]?js(?:[?#]|$)`,
    String.raw`^(?:chrome|moz|safari|safari-web|webkit-masked-url)(?:-extension)?:`,
  ].join('|'),
);

/** Namespaces and packages of languages and common libraries. */
const LIBRARY_NAME = new RegExp(
  `^(?:${[
    'javax?|jdk|sun|kotlinx?|scala|groovy|clojure|jakarta|android|androidx|dalvik|reactor|akka|feign|okhttp3|okio|retrofit2|oracle',
    'org\\.(?:springframework|apache|hibernate|junit|jboss|eclipse|gradle|reactivestreams|postgresql|mariadb|mybatis|jooq|quartz|thymeleaf|glassfish|elasticsearch|redisson|bouncycastle|codehaus|aspectj|slf4j)',
    'com\\.(?:sun|google|fasterxml|zaxxer|mysql|amazonaws|netflix|squareup|microsoft|rabbitmq|mongodb|datastax|android|oracle|facebook)',
    'io\\.(?:netty|micrometer|vertx|grpc|lettuce|jsonwebtoken|reactivex|projectreactor|quarkus|ktor|undertow|opentelemetry|micronaut)',
    'software\\.amazon|redis\\.clients|ch\\.qos|net\\.sf|net\\.bytebuddy',
    'System|Microsoft|Newtonsoft|Npgsql|Dapper|MediatR|AutoMapper|Polly|Serilog|StackExchange|RabbitMQ|MySqlConnector|MySql|MongoDB|Grpc|Hangfire|Azure|Amazon|NHibernate|FluentValidation',
    'runtime|runtime/\\w+|net/http|reflect|testing|database/sql|encoding/json',
  ].join('|')})\\.` +
    `|^<?(?:[\\w:]* as )?(?:std|core|alloc|tokio|hyper|tower|tower_http|axum|actix_\\w+|futures_\\w+|anyhow|backtrace|rayon_core|sqlx_core|reqwest|test)::` +
    `|^(?:rust_begin_unwind|rust_panic|__rust_\\w+|__libc_start\\w*|_start|start_thread|clone3?|main|<unknown>)$` +
    `|^(?:Native Method|lambda_method|\\{main\\}|goroutine\\b|_COROUTINE\\.)` +
    String.raw`|\$\$Lambda[$/]|\$Proxy\d|GeneratedMethodAccessor\d|\$\$FastClass|\$\$EnhancerBy|\$\$SpringCGLIB`,
);
/** `main` is the user’s own wherever it comes with a file. */
const NAMED_MAIN = 'main';

/** Whether the user wrote it. What the reporter says counts; else the file and the name tell. */
export function isOwnCode(frame: Frame): boolean {
  if (typeof frame.inApp === 'boolean') return frame.inApp;
  if (LIBRARY_FILE.test(frame.file)) return false;
  if (frame.name === NAMED_MAIN && frame.file !== '') return true;
  return !LIBRARY_NAME.test(frame.name);
}

/** Where a panic begins: what stands above it is how it is handled, not what went wrong. */
export function isPanic({ name, file }: Frame): boolean {
  return (name === 'panic' && file.endsWith('panic.go')) || name === 'rust_begin_unwind';
}
