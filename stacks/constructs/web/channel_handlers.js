// Who may listen to a job's channel, /jobs/<owner>/<id>: its owner, the subject of the caller's token. Nobody may listen to several at once.
import { util } from '@aws-appsync/utils';

export function onSubscribe(ctx) {
  const segments = ctx.info.channel.segments;
  if (segments.length !== 3 || segments[1] !== ctx.identity.sub || segments[2] === '*') {
    util.unauthorized();
  }
}
