//  The front end's side of FastCGI, for asking a server on this machine whether it answers. Source: FastCGI 1.0, §3, §8.

import CFastCGI
import Glibc

/// Sends requests to a Unix socket, each on a connection of its own.
package struct FastCGIClient: Sendable {
    private let path: String
    private let timeout: Duration

    package struct Answer: Equatable, Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    /// - Parameter timeout: the longest silence of the server.
    package init(path: String, timeout: Duration = .seconds(10)) {
        self.path = path
        self.timeout = timeout
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - target: path and query.
    ///   - fields: further meta-variables: `HTTP_X_AUTH_TOKEN`.
    /// - Throws: `.io` if there is no connection; `.peerLeft` if no whole answer came.
    package func send(
        _ method: String,
        _ target: String,
        _ fields: [String: String] = [:],
        body: [UInt8] = []
    ) throws(FastCGIError) -> Answer {
        let connection = try Listener.connected(to: path)
        defer { close(connection) }
        try setTimeout(connection)
        var parameters = [
            "REQUEST_METHOD": method, "REQUEST_URI": target, "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        ].merging(fields) { $1 }
        if !body.isEmpty { parameters["CONTENT_LENGTH"] = String(body.count) }
        let encoded = parameters.sorted { $0.key < $1.key }.flatMap { Self.pair($0.key, $0.value) }
        try write(
            Self.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + Self.stream(4, encoded) + Self.stream(5, body),
            connection
        )
        return try Self.answer(try output(connection))
    }

    // MARK: Records

    private static func record(_ type: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
    }

    /// Records of at most 65,535 bytes, and the empty one that ends a stream.
    private static func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            bytes += record(type, rest.prefix(65_535))
            rest = rest.dropFirst(65_535)
        }
        return bytes + record(type, [])
    }

    private static func pair(_ name: String, _ value: String) -> [UInt8] {
        length(name.utf8.count) + length(value.utf8.count) + name.utf8 + value.utf8
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return [24, 16, 8, 0].map { UInt8(count >> $0 & 255) | ($0 == 24 ? 128 : 0) }
    }

    /// What the server wrote until it ended the request.
    private func output(_ connection: Int32) throws(FastCGIError) -> [UInt8] {
        var output: [UInt8] = []
        while true {
            let header = try read(8, connection)
            let content = try read(Int(header[4]) << 8 | Int(header[5]), connection)
            _ = try read(Int(header[6]), connection)
            switch header[1] {
            case 6: output += content
            case 3: return output
            default: break
            }
        }
    }

    /// A CGI response: fields, an empty line, the body. Without `Status` it is 200. Source: RFC 3875 §6.
    private static func answer(_ output: [UInt8]) throws(FastCGIError) -> Answer {
        guard let end = output.indices.first(where: { output[$0...].starts(with: "\r\n\r\n".utf8) }) else {
            throw .peerLeft
        }
        let lines = String(decoding: output[..<end], as: UTF8.self).split(separator: "\r\n")
        let line = lines.first { $0.lowercased().hasPrefix("status:") }
        let status = line.flatMap { Int($0.dropFirst(7).drop { $0 == " " }.prefix(3)) }
        return Answer(status: status ?? 200, body: Array(output[(end + 4)...]))
    }

    // MARK: Bytes

    private func setTimeout(_ connection: Int32) throws(FastCGIError) {
        let (seconds, attoseconds) = timeout.components
        var value = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for name in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            guard setsockopt(connection, SOL_SOCKET, name, &value, size) == 0 else { throw .lastCall("setsockopt") }
        }
    }

    private func write(_ bytes: [UInt8], _ connection: Int32) throws(FastCGIError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .peerLeft }
            rest = rest.dropFirst(count)
        }
    }

    private func read(_ count: Int, _ connection: Int32) throws(FastCGIError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(connection, $0.baseAddress.map { $0 + filled }, count - filled, 0)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .peerLeft }
            filled += got
        }
        return bytes
    }
}
