// One query to one of the JavaScript libraries: prints a JSON array of instants in milliseconds.
//
//     node rivals.mjs croner|cron-parser EXPRESSION ZONE FROM COUNT

const [library, expression, zone, from, count] = process.argv.slice(2);
const start = new Date(from);

async function croner() {
  const { Cron } = await import("croner");
  const dates = new Cron(expression, { timezone: zone, paused: true }).nextRuns(Number(count), start);
  return dates.map((date) => date.getTime());
}

async function cronParser() {
  const { CronExpressionParser } = await import("cron-parser");
  const walk = CronExpressionParser.parse(expression, { currentDate: start, tz: zone });
  return Array.from({ length: Number(count) }, () => walk.next().getTime());
}

console.log(JSON.stringify(await (library === "croner" ? croner() : cronParser())));
