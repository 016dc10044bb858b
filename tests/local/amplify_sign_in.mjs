// Signs in and asks as docs/front-end.md writes it: node amplify_sign_in.mjs <JSON of what the page would have>. Prints what the API answers.
import { Amplify } from "aws-amplify";
import { fetchAuthSession, signIn } from "aws-amplify/auth";
import { createClient } from "../../clients/js/src/index.js";

const { apiUrl, awsUrl, userPoolId, userPoolClientId, username, password } = JSON.parse(process.argv[2]);
Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: awsUrl } } });
const { isSignedIn } = await signIn({ username, password });
const token = async (options) => (await fetchAuthSession(options)).tokens?.accessToken.toString();
const client = createClient({ apiUrl, token });
const refused = await createClient({ apiUrl }).listJobs();
const renewed = await token({ forceRefresh: true });
console.log(JSON.stringify({ isSignedIn, refused: refused.error.code, listed: await client.listJobs(), isRenewed: Boolean(renewed) }));
process.exit(0);
