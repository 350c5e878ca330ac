//  A receiver of webhooks that behaves as a test says.

import DocumentStore
import Foundation
import Glibc
import JSON
import Synchronization
import TestServer

/// One request as it arrived.
struct ReceivedRequest: Sendable {
    var method: String
    var target: String
    /// Names in lower case.
    var fields: [String: String]
    var body: [UInt8]

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
}

/// An HTTP server on loopback that answers each request as `react` says.
final class Receiver: Sendable {
    enum Reaction: Sendable {
        /// Answers with a status, fields and a body of this many bytes.
        case answer(Int, fields: [String] = [], size: Int = 0)
        /// Closes the connection without an answer.
        case close
        /// Says nothing until the receiver is stopped.
        case nothing
    }

    let port: Int
    private let listener: Int32
    private let react: @Sendable (ReceivedRequest, Int) -> Reaction
    private let requests = Mutex<[ReceivedRequest]>([])
    private let open = Mutex<[Int32]>([])

    /// - Parameter react: gets the request and how many came before it.
    init(_ react: @escaping @Sendable (ReceivedRequest, Int) -> Reaction = { _, _ in .answer(200) }) throws {
        (listener, port) = try listenOnLoopback()
        self.react = react
        let listener = listener
        Thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let self else { return }
                self.open.withLock { $0.append(connection) }
                Thread { [weak self] in self?.serve(connection) }.start()
            }
        }.start()
    }

    deinit {
        // Wakes the threads; what they wait for is closed with the process.
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in open.withLock({ $0 }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    var received: [ReceivedRequest] { requests.withLock { $0 } }

    var address: String { "http://127.0.0.1:\(port)/hook" }

    private func serve(_ connection: Int32) {
        while let request = read(connection) {
            let number = requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            switch react(request, number) {
            case .answer(let status, let fields, let size):
                let head = ["HTTP/1.1 \(status) X", "Content-Length: \(size)"] + fields + ["", ""]
                let bytes = Array(head.joined(separator: "\r\n").utf8) + [UInt8](repeating: 120, count: size)
                guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
            case .close:
                shutdown(connection, Int32(SHUT_RDWR))
                return
            case .nothing:
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return
            }
        }
    }

    private func read(_ connection: Int32) -> ReceivedRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
                var fields: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                        in: .whitespaces
                    )
                }
                let length = Int(fields["content-length"] ?? "0") ?? 0
                let headLength = text[..<end.upperBound].utf8.count
                if bytes.count >= headLength + length {
                    let words = (lines.first ?? "").split(separator: " ").map(String.init)
                    guard words.count == 3 else { return nil }
                    return ReceivedRequest(
                        method: words[0],
                        target: words[1],
                        fields: fields,
                        body: Array(bytes[headLength..<headLength + length])
                    )
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
