//  Running a program to its end, also one that leaves others running.

import Foundation
import Glibc

/// What a program said.
struct Outcome: CustomStringConvertible {
    /// The exit status; 128 and the signal if one ended it.
    var status: Int32
    var output: String
    var error: String

    var description: String { "\(status) \(output) \(error)" }
}

/// Runs a program and waits for it alone.
///
/// Foundation's `Process` waits for everything that the program leaves running, too.
func run(_ program: URL, _ arguments: [String]) throws -> Outcome {
    let said = ["output", "error"].map { FileManager.default.temporaryDirectory.appending(path: uniqueName($0)).path }
    defer { for path in said { unlink(path) } }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, path) in said.enumerated() {
        posix_spawn_file_actions_addopen(&actions, Int32(number + 1), path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    }

    var words: [UnsafeMutablePointer<CChar>?] = ([program.path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, program.path, &actions, nil, &words, environ)
    guard failure == 0 else { throw Surprise("\(program.path): \(String(cString: strerror(failure)))") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw Surprise("waiting for \(program.path): \(String(cString: strerror(errno)))") }
    }
    return Outcome(
        status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
        output: try String(contentsOfFile: said[0], encoding: .utf8),
        error: try String(contentsOfFile: said[1], encoding: .utf8)
    )
}
