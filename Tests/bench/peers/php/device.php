<?php
function rows(array $fields): void {
    foreach ($fields as $name => $value): ?>
<tr><th><?= htmlspecialchars((string) $name) ?></th><td><?php
        if (is_array($value) && !array_is_list($value)): ?><table><?php rows($value) ?></table><?php
        else: echo htmlspecialchars(is_string($value) ? $value : json_encode($value)); endif ?></td></tr>
<?php endforeach;
} ?>
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title><?= htmlspecialchars($device['name']) ?></title></head>
<body>
<h1><?= htmlspecialchars($device['name']) ?></h1>
<table>
<?php rows($device) ?>
</table>
<form method="post"><input name="data.name" value="<?= htmlspecialchars($device['name']) ?>"><button>Save</button></form>
</body>
</html>
