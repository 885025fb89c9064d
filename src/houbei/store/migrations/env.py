"""What Alembic runs: the missing migrations, on the connection it is given."""

from alembic import context

from houbei.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=False)
context.run_migrations()
