--  wrk's requests: a method and a path, one of many documents, a body that differs each time.
--
--  BENCH_METHOD, BENCH_PATH     with %ID% where a document's id stands
--  BENCH_IDS                    a file of ids, one a line; none: there is no %ID%
--  BENCH_BODY                   with %N% where a number stands that no other request has
--  BENCH_PAUSE                  milliseconds between an answer and the next request; none: no pause
--  BENCH_LIMIT                  how many requests each thread sends; none: until wrk's time is over

local method, path, body = os.getenv("BENCH_METHOD"), os.getenv("BENCH_PATH"), os.getenv("BENCH_BODY")
local limit = tonumber(os.getenv("BENCH_LIMIT") or "0")
local threads, sent, answered = 0, 0, 0
local ids = {}

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local function formatted(id)
    local filled = body and body:gsub("%%N%%", function() return string.format("%d%08d", number, sent) end)
    return wrk.format(method, (path:gsub("%%ID%%", id)), nil, filled)
end

local ready = {}

function init(arguments)
    if body then wrk.headers["Content-Type"] = "application/json" end
    local file = os.getenv("BENCH_IDS")
    if file then
        for line in io.lines(file) do ids[#ids + 1] = line end
    else
        ids = { "" }
    end
    math.randomseed(number + 1)
    --  Requests that do not differ are made once.
    if not (body and body:find("%%N%%")) then
        for index, id in ipairs(ids) do ready[index] = formatted(id) end
    end
end

function request()
    sent = sent + 1
    local index = math.random(#ids)
    return ready[index] or formatted(ids[index])
end

local pause = tonumber(os.getenv("BENCH_PAUSE") or "0")
if pause > 0 then
    function delay() return pause end
end

if limit > 0 then
    function response()
        answered = answered + 1
        if answered == limit then wrk.thread:stop() end
    end
end
