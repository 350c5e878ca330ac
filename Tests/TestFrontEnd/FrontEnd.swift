//  The web server's side of FastCGI, as far as the tests need it. Source: FastCGI specification 1.0, §3 and §8.

import CFastCGI
import Glibc

/// One connection to a FastCGI application.
package final class FrontEnd {
    package let descriptor: Int32

    package enum Failure: Error {
        case connect(errno: Int32)
        case pathTooLong
    }

    /// What came back for one request.
    package struct Answer: Equatable {
        package var output: [UInt8] = []
        /// Whether the record that ends a response came.
        package var isComplete = false

        package init() {}

        package var text: String { String(decoding: output, as: UTF8.self) }
        package var head: Substring {
            text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)[0]
        }
        package var body: Substring { text.dropFirst(head.count).drop { $0 == "\r\n" } }
    }

    package init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Failure.pathTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure.connect(errno: errno) }
    }

    /// The other end of a socket that is connected already.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes; false if the other side has closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads records until the one that ends a request, or until the other side closes.
    package func answer() -> Answer {
        var answer = Answer()
        while let header = read(8) {
            let length = Int(header[4]) << 8 | Int(header[5])
            guard let content = read(length), read(Int(header[6])) != nil else { break }
            if header[1] == 6 { answer.output += content }
            if header[1] == 3 {
                answer.isComplete = true
                break
            }
        }
        return answer
    }

    package func exchange(_ request: [UInt8]) -> Answer {
        send(request)
        return answer()
    }

    /// Whether the other side has closed; waits until something is to be read.
    package var isClosed: Bool { read(1) == nil }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            if got <= 0 { return nil }
            filled += got
        }
        return bytes
    }
}

/// Encodes what a front end sends.
package enum Records {
    package typealias Parameter = (name: String, value: [UInt8])

    /// A whole request, as nginx sends it.
    package static func request(
        _ method: String = "GET",
        _ target: String = "/",
        body: [UInt8] = [],
        announcing length: Int? = nil,
        with more: [Parameter] = [],
        keep: Bool = true
    ) -> [UInt8] {
        var parameters: [Parameter] = [
            ("REQUEST_METHOD", Array(method.utf8)), ("REQUEST_URI", Array(target.utf8)),
            ("SERVER_PROTOCOL", Array("HTTP/1.1".utf8)),
        ]
        if !body.isEmpty || length != nil {
            parameters.append(("CONTENT_LENGTH", Array(String(length ?? body.count).utf8)))
        }
        return request(parameters + more, body: body, keep: keep)
    }

    package static func request(_ parameters: [Parameter], body: [UInt8] = [], keep: Bool = true) -> [UInt8] {
        head(parameters, keep: keep) + stream(5, body)
    }

    package static func head(_ parameters: [Parameter], keep: Bool = true) -> [UInt8] {
        let role: [UInt8] = [0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0]
        return record(1, role[...]) + stream(4, parameters.flatMap(encode))
    }

    package static func record(_ type: UInt8, _ content: ArraySlice<UInt8>) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
    }

    /// Records of at most 65,535 bytes, and the empty one that ends a stream.
    package static func stream(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            bytes += record(type, rest.prefix(65_535))
            rest = rest.dropFirst(65_535)
        }
        return bytes + record(type, [])
    }

    private static func encode(_ parameter: Parameter) -> [UInt8] {
        length(parameter.name.utf8.count) + length(parameter.value.count) + parameter.name.utf8 + parameter.value
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 128 { return [UInt8(count)] }
        return [UInt8(count >> 24 & 127 | 128), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
    }
}
