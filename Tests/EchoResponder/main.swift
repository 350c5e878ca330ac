//  A stand-in for the daemon: it says what it was asked, so that the tests see what nginx makes of a request.
//
//  It has the daemon's command line, as far as nginx/start uses it.

import FastCGI
import Glibc
import HTTPMessage
import HTTPTypes
import Logging

struct Failure: Error {}

/// What follows a name on the command line.
func option(_ name: String) -> String? {
    guard let index = CommandLine.arguments.firstIndex(of: name) else { return nil }
    return CommandLine.arguments.dropFirst(index + 1).first
}

func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(status: status, fields: [.contentType: "text/plain"], body: .bytes(Array(text.utf8)))
}

func parameters(_ request: Request) -> String {
    let names: [StaticString] = [
        "SERVER_PROTOCOL", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR", "HTTPS", "REQUEST_ID", "HTTP_PROXY",
        "HTTP_X_AUTH_TOKEN", "HTTP_COOKIE", "QUERY_STRING", "HTTP_X_LONG",
    ]
    return names.map { "\($0)=\(request.parameters.text($0) ?? "-") x\(request.parameters.count(of: $0))\n" }.joined()
}

func answer(_ request: inout Request) -> Response {
    let target = String(decoding: request.target, as: UTF8.self)
    switch target {
    case "/parameters":
        return text(parameters(request))
    case "/body":
        do throws(RequestBodyError) {
            return text("\(try request.body.readAll(limit: 8_000_000).count)")
        } catch {
            return text("\(error)", status: .badRequest)
        }
    case "/broken/before":
        return Response(status: .ok, body: .stream { _ in throw Failure() })
    case "/broken/after":
        return Response(
            status: .ok,
            body: .stream { write in
                for _ in 0..<10 { try write([UInt8](repeating: 0x78, count: 100_000)[...]) }
                throw Failure()
            }
        )
    case "/json":
        let body = "[" + String(repeating: "1234567890,", count: 1_000) + "0]"
        return Response(status: .ok, fields: [.contentType: "application/json"], body: .bytes(Array(body.utf8)))
    default:
        return text("\(request.method.rawValue) \(target)")
    }
}

func serve() throws(FastCGIError) {
    guard let path = option("--socket") else { return }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let server = try FastCGIServer(
        listener: try Listener.bound(to: path),
        logger: Logger(label: "echo"),
        handler: { answer(&$0) }
    )
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { server in
            guard let server else { return nil }
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGTERM)
            var signal: Int32 = 0
            sigwait(&signals, &signal)
            Unmanaged<FastCGIServer>.fromOpaque(server).takeRetainedValue().drain()
            return nil
        },
        Unmanaged.passRetained(server).toOpaque()
    )
    try server.run()
}

switch CommandLine.arguments.dropFirst().first {
case "init":
    // The first time only, and only if no password was given.
    let marker = (option("--data") ?? ".") + "/initialised"
    if access(marker, F_OK) != 0, getenv("JACKFIELD_PASSWORD") == nil { print("password: generated-secret") }
    close(open(marker, O_CREAT | O_WRONLY, 0o600))
case "serve":
    try serve()
default:
    exit(64)
}
