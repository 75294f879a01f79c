package pdftext

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
)

// A crypt decrypts with the empty user password, as every reader does with
// documents that only restrict printing: the standard security handler,
// revisions 2 to 6 (ISO 32000-2, 7.6.4).
type crypt struct {
	key             []byte
	textAES, strAES bool // strings and streams are under AES
	textID, strID   bool // identity: not encrypted
	modern          bool // AES-256: one key for all objects
}

var padding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// setUpCrypt finds the key; ErrEncrypted if the document needs a password.
func (f *file) setUpCrypt() error {
	f.crypt = nil
	d := f.dict(f.trail["Encrypt"])
	if d == nil {
		return ErrDamaged
	}
	if f.name(d["Filter"]) != "Standard" {
		return ErrEncrypted
	}
	version, revision := int(f.number(d["V"])), int(f.number(d["R"]))
	c := &crypt{}
	length := int(f.number(d["Length"])) / 8
	switch version {
	case 1:
		length = 5
	case 2, 3:
		if length < 5 || length > 16 {
			length = 5
		}
	case 4, 5:
		length = 16
		c.strAES, c.strID = f.method(d, "StmF")
		c.textAES, c.textID = f.method(d, "StrF")
		c.modern = version == 5
	default:
		return ErrEncrypted
	}
	owner, _ := f.resolve(d["O"]).(text)
	user, _ := f.resolve(d["U"]).(text)
	if len(owner) < 32 || len(user) < 32 {
		return ErrDamaged
	}
	if c.modern {
		encrypted, _ := f.resolve(d["UE"]).(text)
		c.key = modernKey([]byte(user), []byte(encrypted), revision)
	} else {
		first := text("")
		if ids := f.array(f.trail["ID"]); len(ids) > 0 {
			first, _ = f.resolve(ids[0]).(text)
		}
		meta, given := f.resolve(d["EncryptMetadata"]).(bool)
		c.key = oldKey([]byte(owner), []byte(user), []byte(first), uint32(int64(f.number(d["P"]))), revision, length, given && !meta)
	}
	if c.key == nil {
		return ErrEncrypted
	}
	f.crypt = c
	for num := range f.cache { // read before there was a key
		delete(f.cache, num)
	}
	f.cache[refNum(f.trail["Encrypt"])] = d // is not encrypted itself
	return nil
}

func refNum(v any) int {
	if r, ok := v.(ref); ok {
		return r.num
	}
	return -1
}

// method finds out how a crypt filter encrypts.
func (f *file) method(d dict, which name) (isAES, identity bool) {
	filter := f.name(d[which])
	if filter == "" || filter == "Identity" {
		return false, true
	}
	switch f.name(f.dict(f.dict(d["CF"])[filter])["CFM"]) {
	case "AESV2", "AESV3":
		return true, false
	case "None":
		return false, true
	}
	return false, false
}

// oldKey computes the key of revisions 2 to 4 (algorithm 2) and checks it
// against U (algorithms 4 and 5); nil if the password is not the empty one.
func oldKey(owner, user, id []byte, perms uint32, revision, length int, plainMeta bool) []byte {
	h := md5.New()
	h.Write(padding)
	h.Write(owner[:32])
	var p [4]byte
	binary.LittleEndian.PutUint32(p[:], perms)
	h.Write(p[:])
	h.Write(id)
	if revision >= 4 && plainMeta {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:length])
			key = sum[:]
		}
	}
	key = key[:length]
	check := bytes.Clone(padding)
	if revision == 2 {
		rc4With(key, check)
		if bytes.Equal(check, user[:32]) {
			return key
		}
		return nil
	}
	sum := md5.Sum(append(bytes.Clone(padding), id...))
	check = sum[:]
	for i := range 20 {
		step := make([]byte, len(key))
		for j := range key {
			step[j] = key[j] ^ byte(i)
		}
		rc4With(step, check)
	}
	if bytes.Equal(check, user[:16]) {
		return key
	}
	return nil
}

func rc4With(key, data []byte) {
	if c, err := rc4.NewCipher(key); err == nil {
		c.XORKeyStream(data, data)
	}
}

// modernKey opens UE with the empty password (algorithm 2.A).
func modernKey(user, encrypted []byte, revision int) []byte {
	if len(user) < 48 || len(encrypted) < 32 {
		return nil
	}
	if !bytes.Equal(modernHash(user[32:40], revision), user[:32]) {
		return nil
	}
	block, err := aes.NewCipher(modernHash(user[40:48], revision))
	if err != nil {
		return nil
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, encrypted[:32])
	return key
}

// modernHash is the hash of revision 5, and of revision 6 (algorithm 2.B),
// for the empty password.
func modernHash(salt []byte, revision int) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	if revision < 6 {
		return k
	}
	for round := 0; ; round++ {
		k1 := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(k1, k1)
		mod := 0
		for _, c := range k1[:16] {
			mod += int(c)
		}
		switch mod % 3 {
		case 0:
			s := sha256.Sum256(k1)
			k = s[:]
		case 1:
			s := sha512.Sum384(k1)
			k = s[:]
		default:
			s := sha512.Sum512(k1)
			k = s[:]
		}
		if round >= 63 && int(k1[len(k1)-1]) <= round-32 {
			return k[:32]
		}
	}
}

func (c *crypt) text(own ref, b []byte) []byte {
	if c.textID {
		return b
	}
	return c.open(own, b, c.textAES)
}

func (c *crypt) stream(own ref, b []byte) []byte {
	if c.strID {
		return b
	}
	return c.open(own, b, c.strAES)
}

// open decrypts (algorithm 1).
func (c *crypt) open(own ref, b []byte, isAES bool) []byte {
	key := c.key
	if !c.modern {
		k := append(bytes.Clone(c.key), byte(own.num), byte(own.num>>8), byte(own.num>>16), byte(own.gen), byte(own.gen>>8))
		if isAES {
			k = append(k, "sAlT"...)
		}
		sum := md5.Sum(k)
		key = sum[:min(len(c.key)+5, 16)]
	}
	if !isAES {
		out := bytes.Clone(b)
		rc4With(key, out)
		return out
	}
	if len(b) < 32 {
		return nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	out := bytes.Clone(b[16 : len(b)-len(b)%16])
	cipher.NewCBCDecrypter(block, b[:16]).CryptBlocks(out, out)
	if n := len(out); n > 0 && int(out[n-1]) <= 16 && int(out[n-1]) <= n {
		out = out[:n-int(out[n-1])]
	}
	return out
}
