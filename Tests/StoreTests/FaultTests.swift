//  Calls to the kernel fail, and nothing that was acknowledged is lost. `Tests/faults/sweep` tries every call.

import Foundation
import Glibc
import Testing

@Suite struct FaultTests {
    /// The shim, built once for all runs.
    private static let shim: Result<String, any Error> = Result {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../faults/shim.c").standardizedFileURL.path
        let library = FileManager.default.temporaryDirectory.appendingPathComponent("shim-\(getpid()).so").path
        let compiler = try run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"])
        guard compiler.status == 0 else { throw CocoaError(.executableLoad) }
        return library
    }

    /// The call that fails and its error number.
    static let faults: [(call: String, code: Int32)] = [
        ("fsync", EIO), ("fdatasync", EIO), ("pwrite", EIO), ("pwrite", ENOSPC), ("write", ENOSPC),
        ("ftruncate", EIO), ("rename", EIO), ("unlink", EIO), ("open", EMFILE),
    ]

    /// The first call that fails, and how many; 0 for all from there on.
    static let places: [(first: Int, count: Int)] = [(1, 1), (2, 1), (3, 1), (8, 1), (40, 1), (1, 0), (30, 0)]

    @Test(arguments: faults, places)
    func nothingAcknowledgedIsLost(fault: (call: String, code: Int32), place: (first: Int, count: Int)) throws {
        let directory = TemporaryDirectory()
        let data = directory.path + "/data"
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let workload = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("StoreFaults")
            .path
        let work = try run(
            workload,
            ["work", data],
            [
                "LD_PRELOAD": try Self.shim.get(), "FAULT_PATH": data, "FAULT_CALL": fault.call,
                "FAULT_ERRNO": "\(fault.code)", "FAULT_AT": "\(place.first)", "FAULT_COUNT": "\(place.count)",
            ]
        )
        #expect([0, 75].contains(work.status), "\(work.output)")
        let verification = try run(workload, ["verify", data], input: work.output)
        #expect(verification.output.isEmpty && verification.status == 0, "\(verification.output)")
    }
}

/// Runs a program to its end.
private func run(
    _ program: String,
    _ arguments: [String],
    _ environment: [String: String] = [:],
    input: String = ""
) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let files = TemporaryDirectory()
    let given = URL(fileURLWithPath: files.path + "/input")
    let written = URL(fileURLWithPath: files.path + "/output")
    try Data(input.utf8).write(to: given)
    try Data().write(to: written)
    process.standardInput = try FileHandle(forReadingFrom: given)
    process.standardOutput = try FileHandle(forWritingTo: written)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: written, encoding: .utf8))
}
