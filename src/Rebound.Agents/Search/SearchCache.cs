using Microsoft.Data.Sqlite;

namespace Rebound.Agents.Search;

/// <summary>A cache of search results by query, in an SQLite file that several processes may share.</summary>
public sealed class SearchCache : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Lock _lock = new();

    /// <exception cref="InvalidDataException">The file is another database, or none.</exception>
    public SearchCache(string path)
    {
        _path = path;
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            using var create = _connection.CreateCommand();
            create.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS searches(query TEXT PRIMARY KEY, observation TEXT "
                + "NOT NULL) WITHOUT ROWID;";
            create.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw new InvalidDataException($"{path} is no search cache, or a damaged one; give another name.", e);
        }
    }

    /// <summary>The cached result of a query; null for none.</summary>
    /// <exception cref="InvalidDataException">The cache is damaged.</exception>
    public string? Find(string query)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT observation FROM searches WHERE query = $query";
            command.Parameters.AddWithValue("$query", query);
            try
            {
                return command.ExecuteScalar() as string;
            }
            catch (Exception e) when (SqliteFaults.IsDamage(e))
            {
                throw new InvalidDataException($"the search cache {_path} is damaged; delete it.", e);
            }
        }
    }

    /// <exception cref="IOException">The cache cannot be written: the disk is full, say.</exception>
    public void Store(string query, string observation)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "INSERT OR REPLACE INTO searches VALUES ($query, $observation)";
            command.Parameters.AddWithValue("$query", query);
            command.Parameters.AddWithValue("$observation", observation);
            try
            {
                command.ExecuteNonQuery();
            }
            catch (SqliteException e)
            {
                throw SqliteFaults.CannotWrite(_path, e);
            }
        }
    }

    public void Dispose() => _connection.Dispose();
}
