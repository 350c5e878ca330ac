//  Where letters wait for whoever sends them.

import DocumentStore
import Gateway
import Glibc
import JSON

/// A directory with a file for each notice to a person: `<id>.json`, mode 0600, one JSON object.
///
/// The server itself talks to nobody. A mailer that the operator chooses watches the directory, sends what it finds and
/// removes the file. A notice whose time is over is removed with the next one that is put there.
package struct NoticeSpool: Sendable {
    private let directory: String

    /// - Parameter directory: made with the first notice, with mode 0700.
    package init(directory: String) { self.directory = directory }

    /// Puts a notice there; it is on disk when this returns.
    ///
    /// - Parameters:
    ///   - notice: what the mailer needs to know, secrets among it.
    ///   - expires: when it is of no use any more, in Unix seconds; a member of the file too.
    package func put(_ notice: JSONObject, expires: Int64, now: Int64) throws(APIError) {
        removeExpired(now)
        var notice = notice
        notice["expires"] = .number(JSONNumber(Int(expires)))
        let name = "\(directory)/\(DocumentID.random()).json"
        let temporary = try write(notice)
        guard rename(temporary, name) == 0 else {
            unlink(temporary)
            throw failure(name)
        }
    }

    /// Costs as much as a notice, and puts nothing there.
    package func putNothing() throws(APIError) { unlink(try write([:])) }

    /// Writes a file under a name that no mailer looks for; returns its path.
    private func write(_ notice: JSONObject) throws(APIError) -> String {
        mkdir(directory, 0o700)
        let name = "\(directory)/\(DocumentID.random())"
        let temporary = name + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(temporary) }
        let bytes = JSON.object(notice).bytes()
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let isWhole = written == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWhole else {
            unlink(temporary)
            throw failure(temporary)
        }
        return temporary
    }

    /// Files are as old as their notices; none is of use after a day, whatever it says.
    private func removeExpired(_ now: Int64) {
        guard let listing = opendir(directory) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".json") || name.hasSuffix(".new") else { continue }
            var status = stat()
            guard stat("\(directory)/\(name)", &status) == 0, Int64(status.st_mtim.tv_sec) < now - 86_400 else {
                continue
            }
            unlink("\(directory)/\(name)")
        }
    }

    private func failure(_ path: String) -> APIError {
        .internalFault("\(path): \(String(cString: strerror(errno)))")
    }
}
