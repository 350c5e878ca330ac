<?php
//  The benchmark's work in PHP and SQLite: devices of an account, behind PHP-FPM.

declare(strict_types=1);

const ROW = 'id, name, username, mac_address, owner_id, enabled, device_type';
const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;

final class Refusal extends Exception {
    public function __construct(public int $status, string $message, public array $data = []) { parent::__construct($message); }
}

$data = $_SERVER['PEER_DATA'];
$secrets = json_decode(file_get_contents("$data/secrets.json"), true, 8, JSON_THROW_ON_ERROR);
// A persistent connection stays open between requests.
$database = new PDO("sqlite:$data/peer.sqlite", options: [
    PDO::ATTR_PERSISTENT => true, PDO::ATTR_TIMEOUT => 10, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
$database->exec('PRAGMA synchronous = FULL');
header('Cache-Control: no-store');
header('X-Request-ID: ' . ($_SERVER['REQUEST_ID'] ?? ''));

try {
    route($_SERVER['REQUEST_METHOD'], strtok($_SERVER['REQUEST_URI'], '?'));
} catch (Refusal $refusal) {
    answer(['data' => (object) $refusal->data, 'error' => (string) $refusal->status, 'message' => $refusal->getMessage(),
        'status' => 'error'] + common(), $refusal->status);
}

function route(string $method, string $path): void {
    if ($path === '/v2/user_auth' && $method === 'PUT') {
        logIn();
        return;
    }
    if (!preg_match('~^/v2/accounts/([^/]+)/devices(?:/([^/]+))?$~', $path, $match)) throw new Refusal(404, 'not found');
    [$account, $id] = [$match[1], $match[2] ?? null];
    authenticate($account);
    match (true) {
        $id === null && $method === 'GET' => devices($account),
        $id === null && $method === 'PUT' => create($account),
        $id !== null && $method === 'GET' => shown($account, $id, find($account, $id)),
        $id !== null && $method === 'PATCH' => merge($account, $id),
        default => throw new Refusal(405, 'method not allowed'),
    };
}

function query(string $sql, array $values = []): PDOStatement {
    global $database;
    $statement = $database->prepare($sql);
    foreach ($values as $place => $value) {
        $type = is_int($value) ? PDO::PARAM_INT : (is_bool($value) ? PDO::PARAM_BOOL : PDO::PARAM_STR);
        $statement->bindValue(is_int($place) ? $place + 1 : $place, $value, $value === null ? PDO::PARAM_NULL : $type);
    }
    $statement->execute();
    return $statement;
}

function common(): array {
    global $secrets;
    return ['request_id' => $_SERVER['REQUEST_ID'] ?? '', 'node' => $secrets['node'],
        'timestamp' => gmdate('Y-m-d\TH:i:s\Z'), 'version' => 'peer'];
}

function envelope(mixed $data, array $members = []): array {
    $token = $_SERVER['HTTP_X_AUTH_TOKEN'] ?? null;
    return $members + ['data' => $data, 'status' => 'success'] + common() + ($token === null ? [] : ['auth_token' => $token]);
}

function answer(array $body, int $status = 200): void {
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($body, FLAGS);
}

/** The token's signature and times, and whether account, user and token are still good. */
function authenticate(string $account): void {
    global $secrets;
    $segments = explode('.', $_SERVER['HTTP_X_AUTH_TOKEN'] ?? '');
    if (count($segments) !== 3) throw new Refusal(401, 'invalid credentials');
    [$header, $payload, $signature] = $segments;
    $signature = unpacked($signature);
    $seed = sodium_crypto_sign_seed_keypair(hex2bin($secrets['key']));
    if (strlen($signature) !== SODIUM_CRYPTO_SIGN_BYTES || (json_decode(unpacked($header), true)['alg'] ?? '') !== 'EdDSA'
        || !sodium_crypto_sign_verify_detached($signature, "$header.$payload", sodium_crypto_sign_publickey($seed)))
        throw new Refusal(401, 'invalid credentials');
    $claims = json_decode(unpacked($payload), true, 8, JSON_THROW_ON_ERROR);
    if ($claims['iss'] !== $secrets['node'] || $claims['aud'] !== 'peer' || $claims['exp'] <= time())
        throw new Refusal(401, 'invalid credentials');
    $row = query(
        'SELECT a.epoch, u.epoch FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.id = ? AND u.id = ?'
        . ' AND a.enabled AND u.enabled AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE id = ?)',
        [$claims['account_id'], $claims['sub'], $claims['jti']])->fetch(PDO::FETCH_NUM);
    if ($row !== $claims['epochs']) throw new Refusal(401, 'invalid credentials');
    if ($claims['account_id'] !== $account && $claims['account_id'] !== $secrets['master'])
        throw new Refusal(403, 'forbidden');
}

function packed(string $bytes): string { return sodium_bin2base64($bytes, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING); }

function unpacked(string $text): string {
    try {
        return sodium_base642bin($text, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
    } catch (SodiumException) {
        throw new Refusal(401, 'invalid credentials');
    }
}

function logIn(): void {
    global $secrets;
    $data = payload();
    $account = query('SELECT id, salt, epoch FROM accounts WHERE name = ? AND enabled', [$data['account_name'] ?? ''])->fetch();
    if (!$account) throw new Refusal(401, 'invalid credentials');
    $secret = hash_hmac('sha256', 'md5' . ($data['credentials'] ?? ''), hex2bin($secrets['pepper']), true);
    $derived = sodium_crypto_pwhash(32, $secret, $account['salt'], 1, 47104 * 1024, SODIUM_CRYPTO_PWHASH_ALG_ARGON2ID13);
    $user = query('SELECT id, verifier, epoch FROM users WHERE lookup = ? AND account_id = ? AND enabled',
        [bin2hex(substr($derived, 0, 16)), $account['id']])->fetch();
    if (!$user || !hash_equals($user['verifier'], bin2hex(substr($derived, 16)))) throw new Refusal(401, 'invalid credentials');
    $now = time();
    $claims = ['iss' => $secrets['node'], 'aud' => 'peer', 'sub' => $user['id'], 'account_id' => $account['id'],
        'iat' => $now, 'nbf' => $now, 'exp' => $now + 3600, 'jti' => bin2hex(random_bytes(16)),
        'epochs' => [$account['epoch'], $user['epoch']]];
    $signed = packed('{"alg":"EdDSA","typ":"JWT"}') . '.' . packed(json_encode($claims, FLAGS));
    $pair = sodium_crypto_sign_seed_keypair(hex2bin($secrets['key']));
    $token = $signed . '.' . packed(sodium_crypto_sign_detached($signed, sodium_crypto_sign_secretkey($pair)));
    answer(envelope(['account_id' => $account['id'], 'owner_id' => $user['id']], ['auth_token' => $token]), 201);
}

function devices(string $account): void {
    $paginate = ($_GET['paginate'] ?? '') !== 'false';
    $size = min((int) ($_GET['page_size'] ?? 50), 5000);
    $start = $_GET['start_key'] ?? null;
    [$sql, $values] = ['SELECT ' . ROW . ' FROM devices WHERE account_id = ?', [$account]];
    if ($start !== null) {
        $sql .= ' AND (name, id) >= (?, ?)';
        array_push($values, ...json_decode(base64_decode(strtr($start, '-_', '+/')), true, 8, JSON_THROW_ON_ERROR));
    }
    $sql .= ' ORDER BY name, id';
    if ($paginate) {
        $sql .= ' LIMIT ?';
        $values[] = $size + 1;
    }
    $rows = query($sql, $values);
    if (($_GET['accept'] ?? '') === 'csv') {
        header('Content-Type: text/csv; charset=utf-8');
        $output = fopen('php://output', 'w');
        fputcsv($output, explode(', ', ROW));
        foreach ($rows as $row) fputcsv($output, $row);
        return;
    }
    $shown = [];
    foreach ($rows as $row) {
        $row['enabled'] = (bool) $row['enabled'];
        $shown[] = array_filter($row, static fn ($value) => $value !== null);
    }
    $members = ['page_size' => min(count($shown), $size)];
    if ($start !== null) $members['start_key'] = $start;
    if (count($shown) > $size) {
        $last = array_pop($shown);
        $members['next_start_key'] = strtr(base64_encode(json_encode([$last['name'], $last['id']], FLAGS)), '+/', '-_');
    }
    answer(envelope($shown, $members));
}

function create(string $account): void {
    $device = payload();
    $device['id'] = bin2hex(random_bytes(16));
    $row = transaction(static fn () => store($account, $device, null, 'device_created'));
    header("Location: /v2/accounts/$account/devices/{$device['id']}");
    shown($account, $device['id'], $row, 201);
}

function merge(string $account, string $id): void {
    $patch = payload();
    $row = transaction(static function () use ($account, $id, $patch) {
        $old = find($account, $id);
        $new = merged(json_decode($old['body'], true, 64, JSON_THROW_ON_ERROR), $patch);
        $new['id'] = $id;
        return store($account, $new, $old['revision'], 'device_edited');
    });
    shown($account, $id, $row);
}

function merged(array $old, array $patch): array {
    foreach ($patch as $name => $value) {
        if ($value === null) unset($old[$name]);
        elseif (is_array($value) && !array_is_list($value) && is_array($old[$name] ?? null)) $old[$name] = merged($old[$name], $value);
        else $old[$name] = $value;
    }
    return $old;
}

function find(string $account, string $id): array {
    return query('SELECT body, revision FROM devices WHERE account_id = ? AND id = ?', [$account, $id])->fetch()
        ?: throw new Refusal(404, 'bad identifier');
}

function shown(string $account, string $id, array $row, int $status = 200): void {
    $tag = '"' . $row['revision'] . '"';
    header("ETag: $tag");
    if ($_SERVER['REQUEST_METHOD'] === 'GET' && str_contains($_SERVER['HTTP_IF_NONE_MATCH'] ?? '', $tag)) {
        http_response_code(304);
        return;
    }
    $device = json_decode($row['body'], true, 64, JSON_THROW_ON_ERROR);
    if (($_GET['accept'] ?? '') === 'html') {
        header('Content-Type: text/html; charset=utf-8');
        require __DIR__ . '/device.php';
        return;
    }
    answer(envelope($device, ['revision' => $row['revision']]), $status);
}

function payload(): array {
    $data = json_decode(file_get_contents('php://input'), true, 64)['data'] ?? null;
    return is_array($data) ? $data : throw new Refusal(400, 'invalid request');
}

function transaction(callable $body): mixed {
    global $database;
    $database->exec('BEGIN IMMEDIATE');
    try {
        $result = $body();
        $database->exec('COMMIT');
        return $result;
    } catch (Throwable $error) {
        $database->exec('ROLLBACK');
        throw $error;
    }
}

/** Validates and writes a device and the event of it. */
function store(string $account, array $device, ?string $replaced, string $event): array {
    $violations = [];
    $name = $device['name'] ?? null;
    if ($name === null) $violations['name'] = ['required' => ['message' => 'Field is required but missing']];
    elseif (!is_string($name) || mb_strlen($name) < 1 || mb_strlen($name) > 128)
        $violations['name'] = ['maxLength' => ['message' => 'String must have 1 to 128 characters', 'value' => $name]];
    if (!is_bool($device['enabled'] ?? true))
        $violations['enabled'] = ['type' => ['message' => 'Value did not match type(s): boolean']];
    $mac = $device['mac_address'] ?? null;
    if ($mac !== null && !preg_match('/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/D', (string) $mac))
        $violations['mac_address'] = ['pattern' => ['message' => 'Failed to match pattern']];
    if ($violations) throw new Refusal(400, 'validation error', $violations);

    $body = json_encode($device, FLAGS);
    $revision = ((int) ($replaced ?? '0') + 1) . '-' . md5($replaced . $body);
    $now = time();
    $values = ['account' => $account, 'id' => $device['id'], 'name' => $name, 'username' => $device['sip']['username'] ?? null,
        'mac' => $mac, 'owner' => $device['owner_id'] ?? null, 'enabled' => (int) ($device['enabled'] ?? true),
        'kind' => $device['device_type'] ?? 'sip_device', 'revision' => $revision, 'now' => $now, 'body' => $body];
    try {
        query($replaced === null
            ? 'INSERT INTO devices VALUES (:account, :id, :name, :username, :mac, :owner, :enabled, :kind, :revision, :now, :body)'
            : 'UPDATE devices SET name = :name, username = :username, mac_address = :mac, owner_id = :owner, enabled = :enabled,'
            . ' device_type = :kind, revision = :revision, modified = :now, body = :body WHERE account_id = :account AND id = :id',
            $values);
        query('INSERT INTO events (name, account_id, document, revision, time) VALUES (?, ?, ?, ?, ?)',
            [$event, $account, $device['id'], $revision, $now]);
    } catch (PDOException $error) {
        if ($error->getCode() !== '23000') throw $error;
        throw new Refusal(400, 'validation error', ['mac_address' => ['unique' => ['message' => 'already in use']]]);
    }
    return ['revision' => $revision, 'body' => $body];
}
