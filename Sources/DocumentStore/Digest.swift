//  Digests of content, and their hexadecimal text.

import Bytes
import Crypto

/// Returns the SHA-256 of a text in UTF-8 as 64 hexadecimal digits.
package func digest(of text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }

/// The 32 digits of a revision: half of a SHA-256 over the previous revision and the parts of the content.
func revisionDigest(previous: String, content: [[UInt8]]) -> String {
    var hash = SHA256()
    hash.update(data: Array(previous.utf8))
    for part in content {
        hash.update(data: [0])
        hash.update(data: part)
    }
    return hexadecimal(hash.finalize().prefix(16))
}
