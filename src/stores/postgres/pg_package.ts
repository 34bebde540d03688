// The package has no types of its own; what is used of it has them here.
import untyped from "pg";

interface QueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number | null;
}

interface ClientOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly ssl?: false | {
    readonly rejectUnauthorized: boolean;
    readonly ca?: string | undefined;
    readonly servername?: string | undefined;
  };
  readonly application_name?: string;
  readonly connectionTimeoutMillis?: number;
  readonly query_timeout?: number;
  readonly keepAlive?: boolean;
  readonly types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

interface PoolOptions extends ClientOptions {
  readonly max?: number;
  readonly idleTimeoutMillis?: number;
}

interface Notification {
  readonly channel: string;
  readonly payload?: string;
}

/** A connection. */
export interface PgClient {
  query(sql: string, values?: readonly unknown[]): Promise<QueryResult>;
  connect(): Promise<void>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end", listener: () => void): void;
  on(event: "notification", listener: (message: Notification) => void): void;
  removeListener(event: "error", listener: (error: Error) => void): void;
}

/** A connection of a pool. */
export interface PgPoolClient extends PgClient {
  release(destroy?: boolean): void;
}

/** Connections that are kept for the next who needs one. */
interface PgPool {
  connect(): Promise<PgPoolClient>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
}

/** The package `pg`: PostgreSQL's protocol, without anything native. */
export const pg: {
  readonly Client: new (options: ClientOptions) => PgClient;
  readonly Pool: new (options: PoolOptions) => PgPool;
} = untyped;
