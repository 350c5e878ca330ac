//  What tells this program from another build of it, for what has to be done anew after an upgrade.

import Crypto
import Foundation
import PluginKit

/// Returns a number that another build has not, nor this one with another choice of plugins: a part of the SHA-256 of
/// the executable and the plugins' names.
///
/// Cost: the first call reads the executable.
/// - Throws: what the file system says of the executable.
func programVersion(with plugins: [any Plugin.Type]) throws -> Int {
    var hash = try executable.get()
    for name in plugins.map({ $0.name }).sorted() { hash.update(data: Array("\(name)\n".utf8)) }
    return hash.finalize().prefix(8).reduce(0) { $0 << 8 | Int($1) }
}

/// The hash of the executable, which stays what it is as long as the process lives.
private let executable = Result {
    var hash = SHA256()
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/exe"))
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    return hash
}
