/** Formats of tokens that say by their beginning whose they are: what the kept rules lack, and what they read too narrowly. */
import { hasChecksum } from "./format.ts";
import type { Format } from "./format.ts";

const github = ["github.com", "*.github.com", "ghcr.io", "*.githubcopilot.com"];
const anthropic = ["api.anthropic.com"];
const openai = ["api.openai.com"];
const npm = ["*.npmjs.org", "*.yarnpkg.com"];

/** Tokens of a prefix and a body that fill their place from one end to the other. */
export const token = (
  rule: string,
  literals: readonly string[],
  body: RegExp,
  rest: Partial<Format> = {},
): Format => ({
  rule,
  literals,
  pattern: new RegExp(`(?:${literals.map(escape).join("|")})(${body.source})`, "y"),
  ...rest,
});

function escape(text: string): string {
  return text.replaceAll(/[.+*?()[\]{}|\\^$/]/g, String.raw`\$&`);
}

export const serviceFormats: readonly Format[] = [
  // Code hosts and registries
  token("github-token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], /[A-Za-z0-9]{36,251}/, { home: github }),
  // Within other letters only with the right sum: a long text without any order holds the beginning now and then
  token("github-token", ["ghp_", "gho_", "ghu_"], /[A-Za-z0-9]{36}/, {
    home: github,
    isAnywhere: true,
    isValid: (match) => hasChecksum(match[1] ?? ""),
  }),
  token("github-token", ["github_pat_"], /[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/, { home: github }),
  token(
    "gitlab-token",
    ["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-"],
    /[\w.=-]{20,300}/,
    { home: ["gitlab.com"] },
  ),
  token("bitbucket-token", ["ATBB"], /[A-Za-z0-9]{32}/),
  token("atlassian-token", ["ATATT3", "ATCTT3"], /[\w=-]{60,300}/),
  token("npm-token", ["npm_"], /[A-Za-z0-9]{36}/, { home: npm }),
  token("pypi-token", ["pypi-AgE"], /[\w-]{50,600}/, { home: ["pypi.org", "*.pypi.org"] }),
  token("rubygems-token", ["rubygems_"], /[0-9a-f]{48}/),
  token("clojars-token", ["CLOJARS_"], /[0-9a-z]{60}/),
  token("docker-token", ["dckr_pat_", "dckr_oat_"], /[\w-]{27,60}/),
  token("artifactory-token", ["AKCp", "cmVmdGtu"], /[A-Za-z0-9]{56,80}/),
  token("circleci-token", ["CCIPAT_"], /[A-Za-z0-9_]{40,100}/),
  token("buildkite-token", ["bkua_", "bkaa_", "bkct_", "bkar_", "bkpt_", "bkpat_", "bkps_"], /[\w-]{40,200}/),
  token("sonar-token", ["sqp_", "squ_", "sqa_", "sqb_"], /[0-9a-f]{40}/),
  // Models
  token(
    "anthropic-key",
    ["sk-ant-api", "sk-ant-oat", "sk-ant-admin", "sk-ant-ort", "sk-ant-sid"],
    /\d\d-[\w-]{40,160}/,
    { home: anthropic },
  ),
  token("openai-key", ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"], /[\w-]{40,220}/, {
    home: openai,
  }),
  token("openai-key", ["sk-"], /[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48}|[0-9a-f]{32}/, {
    home: openai,
  }),
  token("openrouter-key", ["sk-or-v1-"], /[0-9a-f]{64}/, { home: ["openrouter.ai"] }),
  token("xai-key", ["xai-"], /[\w-]{70,120}/),
  token("perplexity-key", ["pplx-"], /[A-Za-z0-9]{40,60}/),
  token("groq-key", ["gsk_"], /[A-Za-z0-9]{52}/),
  token("replicate-token", ["r8_"], /[A-Za-z0-9]{37}/),
  token("huggingface-token", ["hf_"], /[A-Za-z0-9]{34,40}/, { home: ["huggingface.co"] }),
  token("langsmith-key", ["lsv2_pt_", "lsv2_sk_"], /[0-9a-fA-F]{32}_[0-9a-fA-F]{10}/),
  token("nvidia-key", ["nvapi-"], /[\w-]{60,70}/),
  token("pinecone-key", ["pcsk_"], /[A-Za-z0-9]{5,8}_[A-Za-z0-9]{50,70}/),
  token("elevenlabs-key", ["sk_"], /[0-9a-f]{48}/),
  // Clouds
  token("google-oauth-secret", ["GOCSPX-"], /[\w-]{28}/),
  token("google-access-token", ["ya29."], /[\w.-]{40,600}/, { home: ["*.googleapis.com"] }),
  token("google-refresh-token", ["1//0"], /[\w-]{60,120}/, { home: ["oauth2.googleapis.com"] }),
  // Of web pages and applications, where everybody can read it
  token("google-api-key", ["AIza"], /[\w-]{35}/, { isTold: true }),
  token("digitalocean-token", ["dop_v1_", "doo_v1_", "dor_v1_"], /[0-9a-f]{64}/),
  token("heroku-key", ["HRKU-"], /[\w-]{36,70}/),
  token("netlify-token", ["nfp_"], /[A-Za-z0-9]{36,40}/),
  token("fly-token", ["fo1_", "fm1r_", "fm2_"], /[A-Za-z0-9+/=_-]{40,600}/),
  token("supabase-key", ["sbp_", "sb_secret_"], /[\w-]{30,50}/),
  token("planetscale-token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], /[\w.-]{30,70}/),
  token("terraform-token", [".atlasv1."], /[\w-]{60,70}/, {
    pattern: /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}/y,
    before: [14],
  }),
  token("pulumi-token", ["pul-"], /[0-9a-f]{40}/),
  token("doppler-token", ["dp."], /(?:pt|st|sa|ct|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}/),
  token("vault-token", ["hvs.", "hvb.", "hvr."], /[\w-]{24,300}/),
  token("databricks-token", ["dapi"], /[0-9a-f]{32}(?:-\d)?/),
  token("cloudflare-token", ["cfut_", "cfat_", "cfk_"], /[A-Za-z0-9]{40}[0-9a-f]{8}/),
  token("cloudflare-origin-key", ["v1.0-"], /[0-9a-f]{24}-[0-9a-f]{146}/),
  token("tailscale-key", ["tskey-"], /[a-z]{2,20}-[\w-]{20,100}/),
  // Talk, money, and the rest
  token(
    "slack-token",
    ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-", "xapp-", "xoxe-", "xoxe."],
    /[\w.%-]{20,400}/,
    { home: ["slack.com", "*.slack.com"] },
  ),
  token("slack-webhook", ["hooks.slack.com/"], /(?:services|workflows|triggers)\/[\w/]{20,120}/, {
    isValid: (match) => !/X{5}/i.test(match[0]) && (match[0].split("/").pop() ?? "").length >= 16,
    isAnywhere: true,
    home: ["hooks.slack.com"],
  }),
  token(
    "discord-webhook",
    ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
    /\d{15,22}\/[\w-]{50,90}/,
    { isAnywhere: true },
  ),
  token(
    "teams-webhook",
    [".webhook.office.com/webhookb2/"],
    /[\w@-]{36,80}\/IncomingWebhook\/[0-9a-z]{32}\/[\w-]{36}/,
    { isAnywhere: true },
  ),
  token("stripe-key", ["sk_live_", "rk_live_"], /[A-Za-z0-9]{20,240}/, { home: ["api.stripe.com"] }),
  token("stripe-test-key", ["sk_test_", "rk_test_"], /[A-Za-z0-9]{20,240}/, { isTold: true }),
  token("stripe-webhook-secret", ["whsec_"], /[A-Za-z0-9+/=]{24,100}/),
  token("square-token", ["sq0atp-", "sq0csp-"], /[\w-]{22,50}/),
  token("shopify-token", ["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"], /[a-fA-F0-9]{32,64}/),
  token("braintree-token", ["access_token$production$"], /[0-9a-z]{16}\$[0-9a-f]{32}/, {
    pattern: /access_token\$production\$[0-9a-z]{16}\$([0-9a-f]{32})/y,
  }),
  token("plaid-token", ["access-production-"], /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/),
  token("facebook-token", ["EAAB", "EAAC", "EAAG", "EAAM"], /[A-Za-z0-9]{100,300}/, {
    home: ["graph.facebook.com"],
  }),
  token("shippo-token", ["shippo_live_"], /[0-9a-fA-F]{40}/),
  token("duffel-token", ["duffel_live_"], /[\w=-]{40,50}/),
  token("flutterwave-key", ["FLWSECK-"], /[0-9a-f]{32}-X/),
  token("sendgrid-key", ["SG."], /[\w-]{16,32}\.[\w-]{16,64}/, { home: ["api.sendgrid.com"] }),
  token("mailgun-key", ["key-"], /[0-9a-f]{32}/),
  token("mailchimp-key", ["-us"], /\d{1,2}/, { pattern: /([0-9a-f]{32})-us\d{1,2}/y, before: [32] }),
  token("brevo-key", ["xkeysib-"], /[0-9a-fA-F]{64}-[A-Za-z0-9]{16}/),
  // What browsers report with
  token("newrelic-browser-key", ["NRJS-"], /[0-9a-f]{19}/, { isTold: true }),
  token("newrelic-key", ["NRAK-", "NRII-", "NRSP-"], /[A-Za-z0-9_-]{19,40}/),
  token("grafana-token", ["glsa_", "glc_"], /[A-Za-z0-9+/_]{32,400}={0,2}/),
  token("sentry-token", ["sntrys_", "sntryu_"], /[\w+/=-]{40,400}/),
  token("dynatrace-token", ["dt0c01.", "dt0s01.", "dt0s16."], /[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{64}/),
  token("honeycomb-key", ["hcaik_", "hcamk_", "hcalk_"], /[A-Za-z0-9]{50,70}/),
  token("linear-key", ["lin_api_", "lin_oauth_"], /[A-Za-z0-9_]{32,128}/),
  token("notion-token", ["ntn_"], /\d{11}[A-Za-z0-9]{35}/),
  token("notion-token", ["secret_"], /[A-Za-z0-9]{43}/),
  token("figma-token", ["figd_", "figo_", "figu_"], /[\w-]{38,200}/),
  token("postman-key", ["PMAK-"], /[0-9a-f]{24}-[0-9a-f]{34}/),
  token("contentful-token", ["CFPAT-"], /[\w-]{43}/),
  token("typeform-token", ["tfp_"], /[\w.=-]{40,60}/),
  token("prefect-key", ["pnu_", "pnb_"], /[A-Za-z0-9]{36}/),
  token("readme-key", ["rdme_"], /[a-z0-9]{70}/),
  token("dropbox-token", ["sl.B", "sl.u."], /[\w-]{120,1000}/),
  token("mapbox-token", ["sk.eyJ"], /[\w-]{50,200}\.[\w-]{20,40}/),
  token("onepassword-token", ["ops_ey"], /[A-Za-z0-9+/=_-]{100,1300}/),
];

/** Formats without a literal that is rare: looked for in what is short, such as headers, addresses and small bodies. */
export const shortTextFormats: readonly Format[] = [
  { rule: "airtable-token", literals: [], pattern: /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b/g },
  { rule: "nuget-key", literals: [], pattern: /\boy2[a-z0-9]{43}\b/g },
  {
    rule: "twitter-token",
    literals: [],
    pattern: /\bA{19,24}([A-Za-z0-9]{20,60}(?:%2[BF]|%3D|=)[A-Za-z0-9%=]{30,80})/g,
  },
  { rule: "crates-token", literals: [], pattern: /\bcio[A-Za-z0-9]{32}\b/g },
  {
    rule: "discord-token",
    literals: [],
    pattern: /\b[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.([\w-]{27,38})(?![\w-])/g,
  },
  { rule: "telegram-token", literals: [], pattern: /(?<!\d)\d{8,10}:AA([\w-]{32,33})(?![\w-])/g },
  { rule: "twilio-key", literals: [], pattern: /\bSK([0-9a-fA-F]{32})\b/g },
];
