//  What a client sends to show that it knows a password. Source: Crossbar's user_auth.

import Bytes
import Crypto
import Foundation

/// One proof of a password. The account is not part of it: it is the salt's owner.
package enum LoginProof: Sendable {
    /// The lower-case hexadecimal MD5 of `username:password`, the user name in lower case.
    case md5(String)
    /// The same with SHA-1.
    case sha(String)
    /// The two themselves: the only proof that is no equivalent of the password for whoever reads it later.
    case password(String, username: String)

    package var method: LoginMethod {
        switch self {
        case .md5: .md5
        case .sha: .sha
        case .password: .password
        }
    }

    /// The user name, where the proof says it: as the client wrote it.
    package var username: String? {
        guard case .password(_, let username) = self else { return nil }
        return username
    }

    /// The proofs that a client may send for one password, one of each method.
    static func all(username: String, password: String) -> [LoginProof] {
        // A client digests the bytes that it has: here the user name is changed, and nothing else.
        let text = Array("\(username.lowercased()):\(password)".utf8)
        return [
            .md5(hexadecimal(Insecure.MD5.hash(data: text))),
            .sha(hexadecimal(Insecure.SHA1.hash(data: text))),
            .password(password, username: username),
        ]
    }

    /// What is digested further. The user name is always in it, so that one guess tests one user.
    var bytes: [UInt8] {
        switch self {
        case .md5(let digest), .sha(let digest):
            return Array(digest.utf8)
        case .password(let password, let username):
            // Normal form C: keyboards differ in how they spell a character. Zero ends the name, which cannot hold it
            // and still be found, so that no two pairs are alike.
            let name = username.lowercased().precomposedStringWithCanonicalMapping
            return Array(name.utf8) + [0] + Array(password.precomposedStringWithCanonicalMapping.utf8)
        }
    }
}

/// The kinds of proof; the raw values of the first two are Crossbar's names.
package enum LoginMethod: String, Sendable, Hashable, CaseIterable {
    case md5
    case sha
    case password
}
