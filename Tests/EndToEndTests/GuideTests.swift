//  The guide for plugin authors does what it says: its code is built into the server, and its requests are sent.

import Foundation
import JSON
import Testing

/// The text of a guide, as its reader follows it.
struct Guide {
    /// Files to make: a path in backticks on a line of its own, and the block behind it.
    private(set) var files: [(path: String, text: String)] = []
    /// What is typed into a shell.
    private(set) var commands: [String] = []
    /// Blocks of code without a path, which nobody can follow.
    private(set) var loose: [String] = []

    init(_ text: String) {
        var path: String?
        var block: (language: Substring, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let open = block else {
                if line.hasPrefix("```") {
                    block = (line.dropFirst(3), [])
                } else if line.hasPrefix("`Sources/"), line.hasSuffix("`") {
                    path = String(line.dropFirst().dropLast())
                } else if !line.isEmpty {
                    path = nil
                }
                continue
            }
            guard line == "```" else {
                block?.lines.append(line)
                continue
            }
            let text = open.lines.joined(separator: "\n") + "\n"
            if open.language == "sh" {
                commands.append(text)
            } else if let path {
                files.append((path, text))
            } else {
                loose.append(text)
            }
            (block, path) = (nil, nil)
        }
    }

    /// The statuses that the commands' comments promise, in order.
    var statuses: [String] {
        commands.flatMap { $0.split(separator: "\n") }.compactMap { line in
            line.wholeMatch(of: /.*# ([1-5][0-9][0-9])/).map { String($0.1) }
        }
    }
}

/// A copy of the project, with what was built of it, that can be changed.
private struct ProjectCopy {
    static let original = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: uniqueName("jackfield-guide-"))
        try Self.shell(
            """
            mkdir -- "$0" && cd -- "$1" && cp -a -- Package.swift Package.resolved Sources Tests "$0" &&
            { [ ! -d .build ] || cp -a -- .build "$0"; }
            """,
            directory.path,
            Self.original.path
        )
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    func write(_ path: String, _ text: String) throws {
        let file = directory.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// Builds the server and returns where it is.
    ///
    /// What was built knows its place by an absolute path. So the copy is mounted over the original, in a namespace of
    /// this one command, and only what changed is built; where that is not allowed, everything is built again.
    func build() throws -> String {
        try Self.shell(
            """
            # The package manager keeps a lock for each path, which the run of these tests holds, in this directory.
            export TMPDIR=$0
            build="exec timeout 900 swift build --product jackfield"
            over='mount --bind "$0" "$1" && cd -- "$1" &&'
            case $(id -u) in 0) space="unshare --mount" ;; *) space="unshare --mount --map-root-user" ;; esac
            if $space mount --bind "$0" "$1" 2>&-; then
                $space --propagation private bash -c "$over $build" "$0" "$1"
            else
                cd -- "$0" && $build
            fi
            """,
            directory.path,
            Self.original.path
        )
        return directory.appending(path: ".build/debug/jackfield").path
    }

    private static func shell(_ text: String, _ arguments: String...) throws {
        let outcome = try run(URL(filePath: "/bin/bash"), ["-c", text] + arguments)
        guard outcome.status == 0 else { throw Surprise("\(outcome.output.suffix(4_000))\n\(outcome.error)") }
    }
}

@Suite struct GuideTests {
    private static let text = ProjectCopy.original
        .appending(path: "Sources/PluginKit/PluginKit.docc/YourFirstResource.md")

    private static func guide() throws -> Guide { Guide(try String(contentsOf: text, encoding: .utf8)) }

    @Test func everyBlockOfTheGuideHasItsPlace() throws {
        let guide = try Self.guide()
        #expect(guide.files.count >= 4)
        #expect(guide.loose.isEmpty)
        #expect(guide.statuses.count == guide.commands.joined().components(separatedBy: "curl ").count - 1)
    }

    @Test func whoeverFollowsTheGuideHasAResource() throws {
        let guide = try Self.guide()
        let copy = try ProjectCopy()
        defer { copy.remove() }
        for file in guide.files { try copy.write(file.path, file.text) }
        let began = ContinuousClock.now
        let binary = try copy.build()
        print("The plugins of the guide were built in \((ContinuousClock.now - began).components.seconds) seconds.")

        let stack = try Stack(binary: binary)
        defer { stack.discard() }
        let session = try stack.logIn(.http)
        // Every answer of the guide's own commands, by its status.
        let script = """
            api=$0/v2 account=$1 token=$2
            curl() { command curl --silent --output /dev/null --write-out '%{http_code}\\n' --noproxy '*' "$@"; }
            \(guide.commands.joined())
            """
        let outcome = try run(
            URL(filePath: "/bin/bash"),
            ["-c", script, session.client.address, session.account, session.token]
        )
        #expect(outcome.output.split(separator: "\n").map(String.init) == guide.statuses, "\(outcome)")

        let doors = try session.send("GET", "/doors?ascending=true")
        #expect(doors.data.array?.compactMap { $0["name"]?.string } == ["Lab", "Main entrance"])
        let taken = try session.send("PUT", "/doors", ["data": ["name": "Lab", "number": "1"]])
        #expect(taken.data["name"]?["unique"]?["message"] == "There is a door of this name already")
        let guessed = try session.send("PUT", "/doors", ["data": ["name": "A", "number": "1234", "code": "1234"]])
        #expect(guessed.data["code"]?["secrecy"] != nil)
        let lab = try session.send("GET", "/doors/\(doors.ids[0])")
        #expect(lab.data["seconds"] == 5)
        #expect(lab.data["users"]?.array?.count == 1)
    }
}
