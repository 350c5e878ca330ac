//  The bounded memory of verified secrets.

import Crypto
import Testing

@testable import Identity

@Suite struct DigestCacheTests {
    private func digest(_ number: Int) -> SecretDigest { SecretDigest(Array("\(number)".utf8)) }

    @Test func entriesEndWithTheirTime() {
        let cache = DigestCache<Int>(limit: 10)
        cache.store(1, for: digest(1), expires: 100)
        #expect(cache.value(for: digest(1), now: 99) == 1)
        #expect(cache.value(for: digest(1), now: 100) == nil)
        #expect(cache.count == 0)
    }

    @Test func theNumberOfEntriesIsBounded() {
        let cache = DigestCache<Int>(limit: 100)
        for number in 0..<10_000 {
            cache.store(number, for: digest(number), expires: 100)
            #expect(cache.count <= 100)
        }
        #expect(cache.value(for: digest(9999), now: 0) == 9999)
    }

    @Test func whatIsUsedStays() {
        let cache = DigestCache<Int>(limit: 100)
        cache.store(-1, for: digest(-1), expires: 100)
        for number in 0..<1000 {
            cache.store(number, for: digest(number), expires: 100)
            #expect(cache.value(for: digest(-1), now: 0) == -1)
        }
    }

    @Test func anotherKeyGivesAnotherDigest() {
        let secret = Array("secret".utf8)
        let keys = (0..<2).map { _ in SymmetricKey(size: .bits256) }
        #expect(SecretDigest(secret, key: keys[0]) == SecretDigest(secret, key: keys[0]))
        #expect(SecretDigest(secret, key: keys[0]) != SecretDigest(secret, key: keys[1]))
        #expect(SecretDigest(secret, key: keys[0]) != SecretDigest(secret))
    }
}
