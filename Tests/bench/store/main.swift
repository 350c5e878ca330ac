//  What the store costs: opening, reading, pages, durable writes.
//
//      StoreBench fill DIRECTORY [DOCUMENTS] [ACCOUNTS]
//      StoreBench read DIRECTORY
//      StoreBench compare DIRECTORY SMALL     one of a million documents, and one of a thousand
//      StoreBench write DIRECTORY
//
//  `fill` makes a store, `read` measures a filled one, `write` measures commits in an empty directory of the file
//  system in question; `run` beside this file mounts a journaled one. Numbers of one run on one machine compare with
//  each other only.

import DocumentStore
import Foundation
import Glibc
import JSON
import SQLiteStore
import Synchronization

let arguments = Array(CommandLine.arguments.dropFirst())

func fail(_ reason: String) -> Never {
    FileHandle.standardError.write(Data((reason + "\n").utf8))
    exit(1)
}

func openStore(_ directory: String, _ options: SQLiteStore.Options = .init()) -> SQLiteStore {
    do {
        return try SQLiteStore(directory: directory, options: options) { fail("\($0)") }
    } catch {
        fail("\(error)")
    }
}

/// Resident memory of this process, in megabytes.
func residentMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
}

/// The seconds that `body` takes.
func seconds(_ body: () throws -> Void) -> Double {
    let clock = ContinuousClock()
    do {
        let duration = try clock.measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    } catch {
        fail("\(error)")
    }
}

func microseconds(_ count: Int, _ body: (Int) throws -> Void) -> Double {
    seconds { for index in 0..<count { try body(index) } } / Double(count) * 1e6
}

/// Microseconds of processor time, which neighbours on the machine hardly change.
func processorMicroseconds(_ count: Int, _ body: (Int) throws -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
    let start = now()
    _ = microseconds(count, body)
    return (now() - start) / Double(count)
}

func report(_ name: String, _ value: Double, _ unit: String) {
    let number = value < 100 ? String(format: "%.2f", value) : String(format: "%.0f", value)
    print("\(name.padding(toLength: 56, withPad: " ", startingAt: 0)) \(number) \(unit)")
}

guard arguments.count >= 2 else { fail("usage: StoreBench fill|read|compare|write DIRECTORY") }
let directory = arguments[1]
switch arguments[0] {
case "fill":
    let documents = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 1_000_000
    let accounts = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1_000
    fill(openStore(directory), documents: documents, accounts: max(accounts, 1))
case "read": measureReading(directory)
case "compare" where arguments.count > 2: compareReading((directory, 1_000_000), (arguments[2], 1_000))
case "write": measureWriting(directory)
default: fail("no such measurement: \(arguments[0])")
}
