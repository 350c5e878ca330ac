//  Which addresses a webhook may be sent to. Source: RFC 6890 and the registries of special-purpose addresses.

import CCurl
import Glibc

/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Sendable {
    /// 4 or 16, in network order.
    package let bytes: [UInt8]

    /// - Parameter address: of at least `length` bytes.
    init?(_ address: UnsafePointer<sockaddr>, length: Int) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            bytes = UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            bytes = UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    package init?(_ text: some StringProtocol) {
        var room = [UInt8](repeating: 0, count: 16)
        let text = String(text)
        if inet_pton(AF_INET, text, &room) == 1 {
            bytes = Array(room.prefix(4))
        } else if inet_pton(AF_INET6, text, &room) == 1 {
            bytes = room
        } else {
            return nil
        }
    }

    /// The IPv4 address that an IPv6 address stands for, or carries packets to; nil if there is none.
    fileprivate var embedded: IPAddress? {
        guard bytes.count == 16 else { return nil }
        // ::ffff:0:0/96 mapped, ::/96 compatible, 64:ff9b::/96 translated, 2002::/16 6to4.
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8)
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
        if bytes.starts(with: mapped) || bytes.starts(with: translated) || bytes.prefix(12).allSatisfy({ $0 == 0 }) {
            return IPAddress(Array(bytes[12...]))
        }
        return bytes.starts(with: [0x20, 0x02]) ? IPAddress(Array(bytes[2..<6])) : nil
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether this machine itself answers there, by a public address perhaps.
    ///
    /// It does if it would send from the same address that it sends to. To connect a datagram socket sends nothing.
    var isOfThisMachine: Bool {
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var target = sockaddr_storage()
        var size = socklen_t(0)
        withUnsafeMutableBytes(of: &target) { room in
            if bytes.count == 4 {
                let address = sockaddr_in(
                    sin_family: sa_family_t(AF_INET),
                    sin_port: Self.anyPort,
                    sin_addr: bytes.withUnsafeBytes { $0.loadUnaligned(as: in_addr.self) },
                    sin_zero: (0, 0, 0, 0, 0, 0, 0, 0)
                )
                room.storeBytes(of: address, as: sockaddr_in.self)
                size = socklen_t(MemoryLayout<sockaddr_in>.size)
            } else {
                let address = sockaddr_in6(
                    sin6_family: sa_family_t(AF_INET6),
                    sin6_port: Self.anyPort,
                    sin6_flowinfo: 0,
                    sin6_addr: bytes.withUnsafeBytes { $0.loadUnaligned(as: in6_addr.self) },
                    sin6_scope_id: 0
                )
                room.storeBytes(of: address, as: sockaddr_in6.self)
                size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            }
        }
        return withUnsafeMutablePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var size = size
                guard connect(descriptor, address, size) == 0, getsockname(descriptor, address, &size) == 0 else {
                    return false
                }
                return IPAddress(address, length: Int(size)) == self
            }
        }
    }

    /// Of no meaning, but none is no address at all.
    private static let anyPort = in_port_t(9).bigEndian
}

/// All addresses that begin with the same bits: `192.168.0.0/16`.
package struct Network: Hashable, Sendable {
    private let address: IPAddress
    private let prefix: Int

    /// Reads an address with the number of bits that count, or one address alone; nil if it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        let bits = address.bytes.count * 8
        guard let prefix = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(prefix) else { return nil }
        self.address = address
        self.prefix = prefix
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefix / 8
        guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        let rest = prefix % 8
        guard rest > 0 else { return true }
        return address.bytes[whole] >> (8 - rest) == other.bytes[whole] >> (8 - rest)
    }
}

/// The addresses of others: those that are no part of the operator's own machine or network, unless he says so.
package struct NetworkPolicy: Sendable {
    private let allowed: [Network]

    package init(allowing allowed: [Network] = []) { self.allowed = allowed }

    package func admits(_ address: IPAddress) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        if Self.special.contains(where: { $0.contains(address) }) || address.isOfThisMachine { return false }
        return address.embedded.map(admits) ?? true
    }

    private static let special = [
        // This network, private, shared, loopback, link-local, protocol assignments, documentation, relays, benchmarks,
        // multicast, reserved and broadcast.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        // Unspecified, loopback, local translation, discard, protocol assignments with Teredo, documentation, unique
        // local, link-local, site-local, multicast.
        "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap(Network.init)
}
