//  A filled store: opening it, memory, point reads, first and last pages.

import DocumentStore
import Foundation
import Glibc
import SQLiteStore

/// Document `n` belongs to account `n % accounts`; the first account also has 10,000, the second 1,000 of their own.
func fill(_ store: SQLiteStore, documents: Int, accounts: Int) {
    let duration = seconds {
        var index = 0
        while index < documents {
            let batch = (index..<min(index + 1_000, documents)).map { sampleWrite($0, in: accountScope($0 % accounts)) }
            try store.commit(ChangeSet(writes: batch))
            index += batch.count
        }
        // The lists to compare, which a store that is small on purpose has not.
        for (account, count) in documents > 10_000 ? [(accounts, 10_000), (accounts + 1, 1_000)] : [] {
            for start in stride(from: 0, to: count, by: 1_000) {
                let writes = (start..<start + 1_000).map {
                    sampleWrite(documents + account * 100_000 + $0, in: accountScope(account))
                }
                try store.commit(ChangeSet(writes: writes))
            }
        }
    }
    report("fill \(documents) documents, \(accounts) accounts", duration, "s")
    store.close()
}

func measureReading(_ directory: String) {
    var store: SQLiteStore?
    report("open", seconds { store = openStore(directory) } * 1e3, "ms")
    guard let store else { return }
    report("resident memory after opening", Double(residentMegabytes()), "MB")

    let accounts = 1_000
    let documents = 1_000_000
    var generator = SystemRandomNumberGenerator()
    let indexes = (0..<50_000).map { _ in Int.random(in: 0..<documents, using: &generator) }
    let names = indexes.map { (DocumentID(identifier(2, $0)), accountScope($0 % accounts)) }
    report(
        "read of a document, first time, processor time",
        processorMicroseconds(names.count) { index in
            guard try store.document(names[index].0, in: names[index].1) != nil else { fail("missing") }
        },
        "us"
    )
    let few = Array(names.suffix(1_000))
    report(
        "read of a document in the cache, processor time",
        processorMicroseconds(1_000_000) { index in
            guard try store.document(few[index % 1_000].0, in: few[index % 1_000].1) != nil else { fail("missing") }
        },
        "us"
    )
    report("resident memory after 50,000 reads", Double(residentMegabytes()), "MB")

    let large = accountScope(accounts)
    let small = accountScope(accounts + 1)
    let last = lastPage(of: large, in: store)
    // Alternating, so that a busy machine troubles all alike.
    var samples: [String: [Double]] = [:]
    for _ in 0..<2_000 {
        for (name, scope, start) in [
            ("page 1 of 1,000 rows", small, nil), ("page 1 of 10,000 rows", large, nil),
            ("page 200 of 10,000 rows", large, last),
        ] {
            let query = ListQuery(view: "users", order: .ascending, start: start, limit: 50)
            let duration = seconds {
                guard try store.page(query, in: scope).entries.count == 50 else { fail("short page") }
            }
            samples[name, default: []].append(duration * 1e6)
        }
    }
    let medians = samples.mapValues { $0.sorted()[$0.count / 2] }
    for (name, median) in medians.sorted(by: { $0.key < $1.key }) { report("\(name), 50 rows, median", median, "us") }
    if let first = medians["page 1 of 1,000 rows"] {
        for (name, median) in medians where name.contains("10,000") {
            report("\(name) to that of 1,000", median / first, "x")
        }
    }
    report(
        "count of 10,000 rows, processor time",
        processorMicroseconds(20_000) { _ in _ = try store.count(of: "users", in: large) },
        "us"
    )

    concurrentReads(store, names)
    report("resident memory at the end", Double(residentMegabytes()), "MB")
    store.close()
}

/// What a read costs that finds nothing in memory of ours, with a million documents and with a thousand.
func compareReading(_ large: (directory: String, documents: Int), _ small: (directory: String, documents: Int)) {
    var options = SQLiteStore.Options()
    options.cacheBytes = 0
    let stores = [large, small].map { (openStore($0.directory, options), $0.documents) }
    var samples: [[Double]] = [[], []]
    for _ in 0..<20 {
        // In turns, so that a busy machine troubles all alike.
        for (place, (store, documents)) in stores.enumerated() {
            let indexes = (0..<5_000).map { _ in Int.random(in: 0..<documents) }
            let accounts = min(documents, 1_000)
            let names = indexes.map { (DocumentID(identifier(2, $0)), accountScope($0 % accounts)) }
            samples[place].append(
                processorMicroseconds(names.count) { index in
                    guard try store.document(names[index].0, in: names[index].1) != nil else { fail("missing") }
                }
            )
        }
    }
    let medians = samples.map { $0.sorted()[$0.count / 2] }
    report("read of one of \(large.documents) documents, no cache", medians[0], "us")
    report("read of one of \(small.documents) documents, no cache", medians[1], "us")
    report("the first to the second", medians[0] / medians[1], "x")
    for (store, _) in stores { store.close() }
}

private func lastPage(of scope: Scope, in store: SQLiteStore) -> ListPosition? {
    var query = ListQuery(view: "users", order: .ascending, limit: 50)
    while let page = try? store.page(query, in: scope), let next = page.next { query.start = next }
    return query.start
}

/// 64 threads that read other documents than the cache holds.
private func concurrentReads(_ store: SQLiteStore, _ names: [(DocumentID, Scope)]) {
    let threads = 64
    let duration = seconds {
        concurrently(threads) { thread in
            for index in stride(from: thread, to: 20_000, by: threads) {
                guard (try? store.document(names[index].0, in: names[index].1)) != nil else { fail("missing") }
            }
        }
    }
    report("20,000 reads on 64 threads", duration * 1e6 / 20_000, "us each")
}

func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread {
            body(index)
            group.leave()
        }.start()
    }
    group.wait()
}
