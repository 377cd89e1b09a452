"""bench/peers/roost.py -- Roost as `roost serve` comes, accounts by `roost account add`."""
import subprocess

from peer import Server

# "secret", as cheap as a hash can be: what passwords cost is not compared. The peers hold theirs in
# the clear for the same reason, and all of them remember who has logged in.
HASH = ("$6$rounds=1000$roostbench$cmOPGLVnGXkJsUAfgJn/1yMaB26TKL8Mb3PJs/0AurZr82WsJhFH4JQdL/b"
        "W/4IzFQgIpUHwv1X0ahWLc1Odg1")


class Roost(Server):
    title = "Roost"

    def __init__(self, directory, binary):
        super().__init__(directory)
        self.binary = str(binary)
        self.config = self.dir / "roost.conf"

    def configure(self, _loading):
        self.config.write_text(
            f'data = "{self.dir}/data";\nlisten = "127.0.0.1";\n'
            f"port_imap = {self.port};\nport_imaps = {self.tls_port};\n"
        )

    def command(self):
        return [self.binary, "serve", "--config", str(self.config)]

    def add_accounts(self, names):
        for name in names:
            done = subprocess.run(
                [self.binary, "account", "add", name, "--hash", HASH, "--config", str(self.config)],
                capture_output=True, text=True,
            )
            if done.returncode != 0 and "already" not in done.stderr + done.stdout:
                raise RuntimeError(f"account add {name}: {done.stderr}")
