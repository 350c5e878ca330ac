//  Links for clients that set no header fields and have no session: each opens one path for a minute.

import HTTPTypes
import Identity
import JSON

/// Makes links to files, and opens what they lead to. A link gives the right to read one path; who holds it needs no
/// other token, so it lives no longer than it takes to follow it.
package struct DownloadLinks: Sendable {
    /// How long a link can be followed, in seconds. A download that began goes on.
    package static let lifetime: Int64 = 60

    private let signer: PathSigner

    package init(_ signer: PathSigner) { self.signer = signer }

    /// Whether the request came by a link of ours.
    ///
    /// - Throws: `.invalidCredentials` if its link is for another path, too old, or not ours.
    func open(_ exchange: Exchange) throws(APIError) -> Bool {
        guard let signature = exchange.query["signature"] else { return false }
        guard let expires = exchange.query["expires"].flatMap({ Int64($0) }), expires >= exchange.time,
            expires <= exchange.time + Self.lifetime,
            signer.isSignature(signature, of: exchange.nouns.path, expires: expires)
        else { throw .invalidCredentials }
        return true
    }

    /// A link to what the request asked for, and when it ends, in Unix seconds.
    func reply(_ exchange: Exchange) -> Reply {
        let expires = exchange.time + Self.lifetime
        let path = exchange.nouns.path
        let kept = ["file_name", "inline"].compactMap { name in
            exchange.query[name].map { "\(name)=\(percentEncoded($0))&" }
        }
        let signature = signer.signature(of: path, expires: expires)
        return Reply([
            "url": .string("\(path)?\(kept.joined())expires=\(expires)&signature=\(signature)"),
            "expires": .number(JSONNumber(Int(expires))),
        ])
    }
}

/// Where files go that come with requests.
package struct Uploads: Sendable {
    let archive: any FileArchive
    /// The largest body that may hold a file, in bytes.
    package let limit: Int

    package init(_ archive: any FileArchive, limit: Int) {
        self.archive = archive
        self.limit = limit
    }
}
