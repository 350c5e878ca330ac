//  jackfield import cdrs: the call detail records of another switch, from a file.

import ArgumentParser
import DocumentStore
import Foundation
import Logging
import PluginKit
import Plugins

struct ImportCallRecords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cdrs",
        abstract: "Reads call detail records from a file into an account.",
        discussion: """
            The file has a JSON object a line, or is a table of comma-separated values whose first line names the \
            columns: call_id, caller_id_number, duration_seconds and so on; a dotted name stands for a value inside \
            another. A file named - is the standard input. Records that were read before are replaced, so an \
            interrupted import can be begun again. Lines that make no record are told of and left out.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: "The account: its id, its realm or its name.")
    var account: String

    @Argument(help: "The file, or - for the standard input.")
    var file: String

    func run() throws {
        let application = try Application(try options.read()) { failure in
            LogLines.write(level: .critical, "the disk failed; nothing more is stored", ["reason": "\(failure)"])
        }
        defer { application.close() }
        let directory = application.kit.directory
        let id = try directory.account(account)?.id ?? directory.account(named: account, realm: account)
        guard let id else { throw Failure("There is no account \(account).") }
        guard let input = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
            throw Failure("\(file) cannot be read.")
        }
        defer { try? input.close() }
        var reading = try CallRecordImport(application.kit, account: id, now: Application.now()) { progress in
            FileHandle.standardError.write(Data("\(progress)\n".utf8))
        }
        while let piece = try input.read(upToCount: 1 << 16), !piece.isEmpty { try reading.take(piece) }
        let result = try reading.finish()
        print("\(result.stored) records stored, \(result.refused) lines refused")
        if result.refused > 0 { throw ExitCode(1) }
    }
}
