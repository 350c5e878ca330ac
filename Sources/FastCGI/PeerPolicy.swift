//  Which local processes may speak FastCGI to us. Source: SO_PEERCRED in unix(7).
//
//  libfcgi believes the lengths that a peer states and ends the process when it cannot allocate them, so a peer is
//  trusted before it is read.

import CFastCGI
import Foundation
import Glibc

/// The users and groups whose processes may connect; one match is enough.
package struct PeerPolicy: Sendable {
    package var users: Set<UInt32>
    package var groups: Set<UInt32>

    package init(users: Set<UInt32>, groups: Set<UInt32> = []) {
        self.users = users
        self.groups = groups
    }

    /// Root and the user of this process. In a user namespace of the service manager's making (`PrivateUsers=`) nobody
    /// else has a number, and all others look like the one that stands for them; there the mode of the socket decides.
    private static var ownUsers: Set<UInt32> {
        var users: Set<UInt32> = [0, geteuid()]
        let map = (try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8)) ?? ""
        let ranges = map.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt32($0) } }
        let isWhole = ranges.contains { $0.count == 3 && $0[0] == 0 && $0[2] > overflowUser }
        if !isWhole { users.insert(overflowUser) }
        return users
    }

    /// Source: /proc/sys/kernel/overflowuid.
    private static let overflowUser: UInt32 = 65_534

    /// Root, the user of this process, and the one that nginx's workers run as on Debian.
    package static var standard: PeerPolicy {
        var users = ownUsers
        if let webServer = userID(of: "www-data") { users.insert(webServer) }
        return PeerPolicy(users: users)
    }

    /// Root, the user of this process, and the named ones.
    ///
    /// - Throws: `.noUser` with a name that nobody has.
    package static func ourselves(and names: [String]) throws(FastCGIError) -> PeerPolicy {
        var users = ownUsers
        for name in names {
            guard let user = userID(of: name) else { throw .noUser(name) }
            users.insert(user)
        }
        return PeerPolicy(users: users)
    }

    /// Whether the process at the other end of a connection may speak; what cannot be known may not.
    package func admits(connection: Int32) -> Bool {
        (try? Self.credentials(of: connection)).map(admits) ?? false
    }

    func admits(_ peer: peer_credentials) -> Bool {
        users.contains(peer.user) || groups.contains(peer.group)
    }

    /// Returns who connected, as the kernel saw it at that moment.
    static func credentials(of connection: Int32) throws(FastCGIError) -> peer_credentials {
        var peer = peer_credentials()
        var size = socklen_t(MemoryLayout<peer_credentials>.size)
        guard getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else {
            throw .lastCall("getsockopt SO_PEERCRED")
        }
        return peer
    }

    /// Returns the number of a user, or nil if there is none of this name.
    private static func userID(of name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Names and paths of a passwd entry; getpwnam_r says ERANGE, not more, if they should not fit.
        var text = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &text, text.count, &found) == 0, let found else { return nil }
        return found.pointee.pw_uid
    }
}
