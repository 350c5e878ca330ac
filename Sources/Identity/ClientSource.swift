//  Where a request comes from, as far as limits are concerned.

import Bytes
import Glibc

/// A client's network address: an IPv4 address, or the /64 of an IPv6 address, which one client has all of.
package struct ClientSource: Hashable, Sendable {
    package let text: String

    /// - Parameter address: what the front end saw (`REMOTE_ADDR`); nil or anything else is one common source.
    package init(_ address: String?) {
        guard let address, let text = Self.ipv4(address) ?? Self.ipv6Network(address) else {
            text = "unknown"
            return
        }
        self.text = text
    }

    private static func ipv4(_ address: String) -> String? {
        var bytes = in_addr()
        return inet_pton(AF_INET, address, &bytes) == 1 ? address : nil
    }

    private static func ipv6Network(_ address: String) -> String? {
        var value = in6_addr()
        guard inet_pton(AF_INET6, address, &value) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: value) { Array($0) }
        // An IPv4 address in IPv6's clothes. Source: RFC 4291 §2.5.5.2.
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return bytes[12...].map { String($0) }.joined(separator: ".")
        }
        return hexadecimal(bytes.prefix(8)) + "/64"
    }
}
