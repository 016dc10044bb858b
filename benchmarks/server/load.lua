-- wrk: post the file BODY with HEADERS, a line each; print the figures as one line of JSON.
local file = io.open(os.getenv("BODY"), "rb")
wrk.body = file:read("*a")
file:close()
wrk.method = "POST"
for name, value in os.getenv("HEADERS"):gmatch("([^\n:]+): ([^\n]*)") do
   wrk.headers[name] = value
end

done = function(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      'FIGURES {"requests":%d,"duration_us":%d,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f,"refused":%d,"broken":%d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
