--  wrk's request: creates the document of BENCH_BODY.
wrk.method = "PUT"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BENCH_BODY")
