using System.Text;
using Microsoft.Data.Sqlite;

namespace Rebound.Agents.Search;

/// <summary>
/// Passages in one SQLite file, ranked by BM25 (full-text search 5): words are stemmed, accents left out, titles count
/// twice. Reading is safe from several threads at once.
/// </summary>
public sealed class SearchIndex : IDisposable
{
    private const long SchemaVersion = 1;
    private const int Batch = 10_000;

    private static readonly string Schema =
        $"CREATE VIRTUAL TABLE passages USING fts5(title, text, tokenize = 'porter unicode61 remove_diacritics 2'); PRAGMA user_version = {SchemaVersion};";

    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();

    private SearchIndex(SqliteConnection connection) => _connection = connection;

    /// <summary>Builds an index; the file appears under its name when it is whole. Without passages there is none, and what was there stays.</summary>
    /// <param name="progress">Told the number of passages so far.</param>
    /// <returns>The number of passages.</returns>
    public static int Build(string path, IEnumerable<Passage> passages, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var partial = $"{path}.partial";
        File.Delete(partial);
        try
        {
            var count = Fill(partial, passages, progress, cancellation);
            if (count > 0)
            {
                File.Move(partial, path, overwrite: true);
            }

            return count;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static int Fill(string file, IEnumerable<Passage> passages, Action<int>? progress, CancellationToken cancellation)
    {
        var count = 0;
        using (var connection = Connect(file, SqliteOpenMode.ReadWriteCreate))
        {
            Execute(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
            Execute(connection, Schema);
            foreach (var batch in passages.Chunk(Batch))
            {
                cancellation.ThrowIfCancellationRequested();
                Insert(connection, batch);
                count += batch.Length;
                progress?.Invoke(count);
            }

            Execute(connection, "INSERT INTO passages(passages) VALUES ('optimize'); VACUUM;");
        }

        return count;
    }

    /// <summary>An index of a few passages that is never written to a file.</summary>
    public static SearchIndex InMemory(IEnumerable<Passage> passages)
    {
        var connection = Connect(":memory:", SqliteOpenMode.Memory);
        Execute(connection, Schema);
        Insert(connection, [.. passages]);
        return new SearchIndex(connection);
    }

    /// <exception cref="InvalidDataException">The file is no index of this version.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SearchIndex Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist; 'rebound data index' makes an index.", path);
        }

        var connection = Connect(path, SqliteOpenMode.ReadOnly);
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version";
            return command.ExecuteScalar() is SchemaVersion
                ? new SearchIndex(connection)
                : throw new InvalidDataException($"{path} is no search index of this version; build it again with 'rebound data index'.");
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new InvalidDataException($"{path} is no search index: {e.Message}", e);
        }
        catch (InvalidDataException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The passages that fit best; those with more and rarer words of the query come first.</summary>
    public IReadOnlyList<Passage> Search(string query, int count)
    {
        if (Match(query) is not { } match)
        {
            return [];
        }

        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT title, text FROM passages WHERE passages MATCH $match ORDER BY bm25(passages, 2.0, 1.0), rowid LIMIT $count";
            command.Parameters.AddWithValue("$match", match);
            command.Parameters.AddWithValue("$count", count);
            using var reader = command.ExecuteReader();
            var found = new List<Passage>();
            while (reader.Read())
            {
                found.Add(new Passage(reader.GetString(0), reader.GetString(1)));
            }

            return found;
        }
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The query as any of its words; what is no letter or digit parts them, so that nothing in it is an operator.</summary>
    private static string? Match(string query)
    {
        var words = new StringBuilder();
        foreach (var rune in query.EnumerateRunes())
        {
            words.Append(Rune.IsLetterOrDigit(rune) ? rune.ToString() : " ");
        }

        var quoted = words.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(word => $"\"{word}\"").ToList();
        return quoted.Count == 0 ? null : string.Join(" OR ", quoted);
    }

    private static void Insert(SqliteConnection connection, Passage[] passages)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO passages(title, text) VALUES ($title, $text)";
        var title = command.Parameters.Add("$title", SqliteType.Text);
        var text = command.Parameters.Add("$text", SqliteType.Text);
        foreach (var passage in passages)
        {
            (title.Value, text.Value) = (passage.Title, passage.Text);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are written out above, with nothing of a caller in them.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
