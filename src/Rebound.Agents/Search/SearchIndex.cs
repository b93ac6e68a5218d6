using System.Text;
using Microsoft.Data.Sqlite;
using Rebound.Files;

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
        "CREATE VIRTUAL TABLE passages USING fts5(title, text, tokenize = 'porter unicode61 remove_diacritics 2'); PRAGMA user_version = "
            + $"{SchemaVersion};";

    private readonly SqliteConnection _connection;
    private readonly string _name;
    private readonly Lock _lock = new();

    private SearchIndex(SqliteConnection connection, string name) => (_connection, _name) = (connection, name);

    /// <summary>
    /// Builds an index; the file appears under its name when it is whole. Without passages there is none, and what was there stays.
    /// </summary>
    /// <param name="progress">Told the number of passages so far.</param>
    /// <returns>The number of passages.</returns>
    /// <exception cref="IOException">The index cannot be written: the disk is full, say.</exception>
    public static int Build(
        string path, IEnumerable<Passage> passages, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var partial = WholeFile.PartialOf(path);
        File.Create(partial).Dispose();
        try
        {
            var count = Fill(partial, passages, progress, cancellation);
            if (count > 0)
            {
                WholeFile.Complete(partial, path);
            }

            return count;
        }
        catch (SqliteException e)
        {
            throw SqliteFaults.CannotWrite(path, e);
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
        return new SearchIndex(connection, "the index in memory");
    }

    /// <exception cref="InvalidDataException">The file is no index of this version.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SearchIndex Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist; 'rebound data index' makes an index.", path);
        }

        SqliteConnection? connection = null;
        try
        {
            connection = Connect(path, SqliteOpenMode.ReadOnly);

            // What a file from elsewhere says is not to run as a statement.
            Execute(connection, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
            if (Scalar(connection, "PRAGMA user_version") is not SchemaVersion)
            {
                throw new InvalidDataException($"{path} is no search index of this version; build it again with 'rebound data index'.");
            }

            _ = Scalar(connection, "SELECT rowid FROM passages LIMIT 1");
            return new SearchIndex(connection, path);
        }
        catch (Exception e) when (e is InvalidDataException || SqliteFaults.IsDamage(e))
        {
            connection?.Dispose();
            throw e as InvalidDataException ?? new InvalidDataException(
                $"{path} is no search index, or a damaged one; 'rebound data index' builds one.", e);
        }
    }

    /// <summary>The passages that fit best; those with more and rarer words of the query come first.</summary>
    /// <exception cref="InvalidDataException">The index is damaged.</exception>
    public IReadOnlyList<Passage> Search(string query, int count)
    {
        if (Match(query) is not { } match)
        {
            return [];
        }

        lock (_lock)
        {
            try
            {
                return Find(match, count);
            }
            catch (Exception e) when (SqliteFaults.IsDamage(e))
            {
                throw new InvalidDataException($"{_name} is damaged; build it again with 'rebound data index'.", e);
            }
        }
    }

    public void Dispose() => _connection.Dispose();

    private List<Passage> Find(string match, int count)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT title, text FROM passages WHERE passages MATCH $match ORDER BY bm25(passages, 2.0, 1.0), rowid "
            + "LIMIT $count";
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
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return command.ExecuteScalar();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are written out above, with nothing of a caller in them.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
